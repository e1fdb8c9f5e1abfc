import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { BODY_PREFIX, type BodyStoreDescription, ELSEWHERE_ENV, tokenAudience } from '../../lambda/contract/elsewhere';
import { placesOf } from '../../lambda/contract/elsewhere-hosts';
import type { BodyStore } from '../body-store';
import type { StorageKey } from '../storage-key';
import { BODY_CREATE, BODY_DESTROY, BODY_LIST, KEY_OPEN, KEY_SEAL, SECRET_READ } from './actions';
import { requireMembers } from './checks';
import type { Identity } from './elsewhere';

/** A function and its role. */
interface User {
  readonly functionArn: string;
  readonly role: iam.IRole;
}

/** A network whose endpoints pass named calls only. */
interface Network {
  _allowCalls(service: string, principalArns: string[], actions: readonly string[], resources: string[]): void;
}

/** What a function does with bodies. */
interface Use {
  readonly identity: Identity;
  readonly creates?: boolean;
  readonly reads?: boolean;
  readonly destroys?: boolean;
  readonly lists?: boolean;
}

/** The functions that use bodies, each with no more than it needs. */
const USES: Readonly<Record<string, Use>> = {
  seal: { identity: 'seal', creates: true },
  receive: { identity: 'seal', creates: true, destroys: true },
  unseal: { identity: 'unseal', reads: true },
  revoke: { identity: 'destroy', destroys: true },
  migrate: { identity: 'destroy', destroys: true, lists: true },
};

/** In the encryption context of calls by which Secrets Manager checks that a caller may use the key of a new secret. */
const KEY_CHECK = 'RequestToValidateKeyAccess';

/** The body store of one function: its variable, its way there, and its rights. */
export class FunctionBodies {
  private readonly use: Use;
  private readonly description: BodyStoreDescription;

  /** Returns the body store of a function; undefined if it uses none. */
  public static of(handler: string, store: BodyStore | undefined, storageKey: StorageKey): FunctionBodies | undefined {
    if (store === undefined) return undefined;
    requireBodyStore(store);
    const use = Object.hasOwn(USES, handler) ? USES[handler] : undefined;
    return use && new FunctionBodies(use, store, storageKey);
  }

  private constructor(
    use: Use,
    store: BodyStore,
    private readonly storageKey: StorageKey,
  ) {
    this.use = use;
    this.description = store._describe(use.identity, storageKey.key.keyArn);
  }

  /** Whether the function calls a store outside AWS. */
  public get isOutside(): boolean {
    return placesOf(this.description).length > 0;
  }

  public get variables(): Readonly<Record<string, string>> {
    return { [ELSEWHERE_ENV.bodyStore]: Stack.of(this.storageKey).toJsonString(this.description) };
  }

  /** Returns the audiences of the web identity tokens that the function needs for the store. */
  public get audiences(): readonly string[] {
    const audience = this.description.type === 'secrets-manager' ? undefined : tokenAudience(this.description);
    return audience === undefined ? [] : [audience];
  }

  /** Lets the function do its part, also through the network's endpoints. */
  public grant(fn: User, network: Network, environment: string): void {
    if (this.description.type !== 'secrets-manager') return;
    const stack = Stack.of(this.storageKey);
    const arn = stack.formatArn({ service: 'secretsmanager', resource: `secret:${BODY_PREFIX.path(environment)}*` });
    const { creates, reads, destroys, lists } = this.use;
    const itself = { ArnLike: { 'lambda:SourceFunctionArn': [fn.functionArn, `${fn.functionArn}:*`] } };
    const allow = (sid: string, action: string, resource: string, conditions: object = {}): void => {
      fn.role.addToPrincipalPolicy(
        new iam.PolicyStatement({
          sid,
          actions: [action],
          resources: [resource],
          conditions: { ...itself, ...conditions },
        }),
      );
      network._allowCalls('secretsmanager', [fn.role.roleArn], [action], [resource]);
    };
    const underKey = { StringEquals: { 'secretsmanager:KmsKeyId': this.storageKey.key.keyArn } };
    if (creates) allow('AllowCreateBodies', BODY_CREATE, arn, underKey);
    if (reads) allow('AllowReadBodies', SECRET_READ, arn);
    if (destroys) allow('AllowDestroyBodies', BODY_DESTROY, arn);
    // the action supports no resources
    if (lists) allow('AllowListBodies', BODY_LIST, '*');
    if (creates || reads) this.allowKey(fn, creates ? [KEY_SEAL, KEY_OPEN] : [KEY_OPEN], arn);
  }

  /** Lets Secrets Manager use the storage key for the function, for these secrets only. */
  private allowKey(fn: User, actions: string[], arn: string): void {
    fn.role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid: 'AllowBodiesKey',
        actions,
        resources: [this.storageKey.key.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this.storageKey).region}.amazonaws.com` },
          StringLike: { 'kms:EncryptionContext:SecretARN': this.use.creates ? [arn, KEY_CHECK] : arn },
        },
      }),
    );
  }
}

/** Throws unless a value is a `BodyStore`: a JavaScript caller may pass its props instead. */
export function requireBodyStore(store: unknown): asserts store is BodyStore {
  requireMembers('bodyStore', store, 'a store such as BodyStore.secretsManager(…)', ['_describe', 'maxRecords']);
}
