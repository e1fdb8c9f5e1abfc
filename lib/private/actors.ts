import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { ActorProps } from '../actor';
import type { MaterialKind } from '../material-kind';
import { Operation } from '../operation';
import type { RsaKey } from '../rsa-key';
import type { VaultFunction } from '../vault-function';
import { requireActorProps } from './actor-checks';
import { requireActorName } from './checks';
import { parameterName } from './names';

/** Operations on material: an actor needs a kind for them. */
const NEEDS_KIND: readonly Operation[] = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE];

/** A vault's actors and their aliases so far: one for each operation that was granted. */
export class Actors {
  private readonly kinds = new Map<string, MaterialKind[]>();
  private readonly aliases = new Map<string, string>();

  constructor(
    private readonly vault: Construct,
    private readonly environment: string,
    private readonly functions: Readonly<Record<Operation, VaultFunction>>,
    private readonly intakeKeys: readonly RsaKey[],
  ) {}

  add(name: string, props: ActorProps): void {
    requireActorName(name);
    requireActorProps(name, props);
    if (this.kinds.has(name)) throw new Error(`actor: expected a new name, got "${name}" a second time`);
    const operations = props.operations ?? [];
    const accounts = props.accounts ?? [];
    if (accounts.length > 0 && operations.length === 0) {
      throw new Error(`actor "${name}": expected operations for its accounts, got none`);
    }
    this.kinds.set(name, props.kinds ?? []);
    for (const operation of operations) {
      this.aliasArn(operation, name);
      for (const account of accounts) this.allowAccount(operation, name, account);
    }
  }

  aliasArn(operation: Operation, name: string): string {
    const key = `${operation}/${name}`;
    const arn = this.aliases.get(key) ?? this.createAlias(operation, name);
    this.aliases.set(key, arn);
    return arn;
  }

  allowAccount(operation: Operation, name: string, account: string): void {
    this.functions[operation].allowAccount(name, account);
    if (operation === Operation.SEAL) for (const key of this.intakeKeys) key.allowPublicKeyTo(account);
  }

  private createAlias(operation: Operation, name: string): string {
    const kinds = this.kinds.get(name);
    if (!kinds) throw new Error(`actor: expected a name that addActor added, got "${name}"`);
    if (kinds.length === 0 && NEEDS_KIND.includes(operation)) {
      throw new Error(`actor "${name}": expected kinds that it may ${operation}, got none`);
    }
    const fn = this.functions[operation];
    const arn = fn.addActor(name, kinds);
    const parameter = new ssm.StringParameter(this.vault, `Actor-${name}-${operation}`, {
      parameterName: parameterName(this.environment, 'actors', name, operation),
      description: 'ARN that the actor invokes',
      stringValue: arn,
    });
    // a consumer that finds the parameter also finds the alias
    parameter.node.addDependency(fn.node.findChild(`Actor-${name}`));
    return arn;
  }
}
