import * as v from 'valibot';
import { ENV } from '../../../lambda/contract/variables';
import { Policy } from '../../emulator/authorization';
import { type Identity, PolicyBook, unknownPolicies } from '../../emulator/deploy/policy-book';
import type { DatabasePart, FunctionPart, KeyPart, RolePart, SecretPart, StackTemplate } from '../../emulator/template';
import { type Deployment, arn } from '../../emulator/template/deployment';
import { type FunctionKey, FUNCTION_KEYS, functionName } from '../../vault/functions';
import { ENVIRONMENT_TAG } from '../template';

/** The ARN of a resource that does not exist: the evaluator refuses a request for it. */
const NO_ARN = '';

/**
 * Every policy that a vault's template deploys, by the resource it is attached to, as the local vault reads them. The
 * vault's resources are found by its functions' variables and by its tag, so they may have any logical id.
 */
export class VaultPolicies {
  /** The vault's own, CDK's helpers, and all others of the template. */
  public readonly functions: readonly FunctionPart[];
  public readonly database: DatabasePart;
  /** undefined if the vault has no webhook */
  public readonly signingSecret: SecretPart | undefined;
  /** The id of the webhook's API; undefined if the vault has no webhook. */
  public readonly webhookApi: string | undefined;
  /** The stack, account and region that the template is evaluated for. */
  public readonly place: Deployment;
  private readonly book: PolicyBook;
  private readonly roles: readonly RolePart[];
  private readonly unknown: ReturnType<typeof unknownPolicies>;

  constructor(
    public readonly template: StackTemplate,
    public readonly environment: string,
  ) {
    this.functions = template.functions();
    this.place = template.resolver.deployment;
    this.database = only(
      template.databases().filter(({ tags }) => tags[ENVIRONMENT_TAG] === environment),
      `database of ${environment}`,
    );
    const receive = this.function('receive');
    this.signingSecret = template.secrets().find(({ arn }) => arn === receive?.environment[ENV.webhookSecretArn]);
    this.webhookApi = template
      .httpApis()
      .find(({ routes }) => routes.some(({ integration }) => integration?.function === receive?.logicalId))?.id;
    this.book = new PolicyBook(template);
    this.roles = template.roles();
    this.unknown = unknownPolicies(template);
  }

  /** Returns a function of the vault; undefined if the vault has no such function. */
  public function(key: FunctionKey): FunctionPart | undefined {
    return this.functions.find(({ name }) => name === functionName(this.environment, key));
  }

  /** Returns the functions that callers, the webhook and the deploy invoke. */
  private ownFunctions(): readonly FunctionPart[] {
    return FUNCTION_KEYS.flatMap((key) => this.function(key) ?? []);
  }

  /** Returns the key that wraps the data keys of records; undefined if that is a key outside AWS. */
  public shareKey(): KeyPart | undefined {
    const shareKeyArn = this.function('unseal')?.environment[ENV.shareKeyArn];
    if (shareKeyArn === undefined) return undefined;
    return only(
      this.template.keys().filter(({ arn }) => arn === shareKeyArn),
      'share key',
    );
  }

  public storageKey(): KeyPart {
    const storageKeyArn = this.book.keyOfSecret(this.masterSecret());
    return only(
      this.template.keys().filter(({ arn }) => arn === storageKeyArn),
      'storage key',
    );
  }

  /** Returns the keys that a function opens data with, by their names. A private key in a secret is not among them. */
  public rsaKeys(purpose: 'intake' | 'webhook'): ReadonlyMap<string, KeyPart> {
    const [fn, variable] = RSA_KEYS[purpose];
    const keys = this.template.keys();
    const named = v.parse(KEY_ARNS, this.function(fn)?.environment[variable] ?? '{}');
    return new Map(
      Object.entries(named).flatMap(([kid, keyArn]) =>
        keys.filter(({ arn }) => arn === keyArn).map((key) => [kid, key] as const),
      ),
    );
  }

  /** Returns the names of a function's aliases. */
  public aliases({ logicalId }: FunctionPart): readonly string[] {
    return this.template.aliases().flatMap((alias) => (alias.function === logicalId ? [alias.name] : []));
  }

  /** Returns the accounts that the policies of the vault's aliases name, except the vault's own. */
  public callerAccounts(): readonly string[] {
    const own = this.ownFunctions().map(({ logicalId }) => logicalId);
    const permissions = this.template
      .permissions()
      .filter((one) => one.function !== undefined && own.includes(one.function));
    const accounts = permissions.flatMap(
      ({ statement }) => ACCOUNT_ROOT.exec(JSON.stringify(statement.Principal))?.[1] ?? [],
    );
    return [...new Set(accounts)].filter((account) => account !== this.place.account);
  }

  /** Returns the resource policy of a key, function, alias or secret; undefined if it has none. */
  public policyOf(arn: string): Policy | undefined {
    return this.book.resource(arn);
  }

  public roleOfFunction(functionName: string): RolePart {
    const { roleArn } = only(
      this.functions.filter(({ name }) => name === functionName),
      `function ${functionName}`,
    );
    return only(
      this.roles.filter(({ arn }) => arn === roleArn),
      `role of ${functionName}`,
    );
  }

  /** Returns the role by the beginning of its id in the template. */
  public role(prefix: string): RolePart {
    return only(
      this.roles.filter(({ logicalId }) => logicalId.startsWith(prefix)),
      `role ${prefix}…`,
    );
  }

  /** Returns the policies of a role. Throws if it has one that is unknown: that would allow nothing here. */
  public identity({ arn, logicalId }: RolePart): Identity {
    const [unknown] = this.unknown.filter((policy) => policy.logicalId === logicalId);
    const identity = this.book.identity(arn);
    if (unknown || !identity) throw new Error(`${logicalId}: expected known policies, got ${unknown?.type ?? 'none'}`);
    return identity;
  }

  /** Returns whether a function's calls pass the vault's endpoints. */
  public inNetwork(functionArn: string): boolean {
    return this.book.endpointFor(functionArn, 'kms') !== undefined;
  }

  /** Returns the policy of the vault's endpoint for a service; undefined if no function passes one. */
  public endpointPolicy(service: string): Policy | undefined {
    return this.ownFunctions().flatMap(({ arn }) => this.book.endpointFor(arn, service) ?? [])[0]?.policy;
  }

  /** Returns the ARN of a managed policy of a function's role. */
  public managedPolicyArn(key: FunctionKey): string {
    const { policies } = this.roleOfFunction(functionName(this.environment, key));
    const ids = policies.map(({ logicalId }) => logicalId);
    const managed = this.template
      .policies()
      .filter(({ logicalId, arn }) => arn !== undefined && ids.includes(logicalId));
    return managed[0]?.arn ?? NO_ARN;
  }

  /** Returns the ARN of the secret that RDS keeps for the database's master. */
  public masterSecret(): string {
    return this.database.masterSecret?.arn ?? NO_ARN;
  }

  /** Returns the id of the vault's own network. */
  public network(): string | undefined {
    return this.function('unseal')?.network?.vpcId;
  }

  /** Returns an ARN in the vault's account and region, whether or not the template has the resource. */
  public arn(service: string, resource: string): string {
    return arn(this.place, service, resource);
  }
}

const ACCOUNT_ROOT = /arn:aws[a-z-]*:iam::(\d{12}):root/;
const KEY_ARNS = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));
const RSA_KEYS = { intake: ['seal', ENV.intakeKeys], webhook: ['receive', ENV.webhookKeys] } as const;

/** Returns the trust policy of a role. */
export function trustPolicy({ logicalId, trust }: RolePart): Policy {
  return Policy.read(logicalId, trust);
}

function only<P>(parts: readonly P[], what: string): P {
  const [part, ...others] = parts;
  if (part !== undefined && others.length === 0) return part;
  throw new Error(`expected one ${what}, got ${part === undefined ? 'none' : others.length + 1}`);
}
