import { Policy } from '../../emulator/authorization';
import { type Identity, PolicyBook, unknownPolicies } from '../../emulator/deploy/policy-book';
import type { DatabasePart, FunctionPart, KeyPart, RolePart, SecretPart, StackTemplate } from '../../emulator/template';

/** The ARN of a resource that does not exist: the evaluator refuses a request for it. */
const NO_ARN = '';

/** Every policy that a vault's template deploys, by the resource it is attached to, as the local vault reads them. */
export class VaultPolicies {
  /** The vault's own and CDK's helpers. */
  public readonly functions: readonly FunctionPart[];
  public readonly database: DatabasePart;
  public readonly signingSecret: SecretPart;
  /** The id of the webhook's API. */
  public readonly webhookApi: string;
  public readonly stack: string;
  private readonly book: PolicyBook;
  private readonly roles: readonly RolePart[];
  private readonly unknown: ReturnType<typeof unknownPolicies>;

  constructor(
    private readonly template: StackTemplate,
    public readonly environment: string,
  ) {
    this.functions = template.functions();
    this.database = only(template.databases());
    this.signingSecret = only(template.secrets());
    this.webhookApi = only(template.httpApis()).id;
    this.stack = template.resolver.deployment.stack;
    this.book = new PolicyBook(template);
    this.roles = template.roles();
    this.unknown = unknownPolicies(template);
  }

  /** Returns the key by the beginning of its id in the template. */
  public key(prefix: string): KeyPart {
    return only(this.template.keys(), prefix);
  }

  /** Returns the resource policy of a key, function, alias or secret; undefined if it has none. */
  public policyOf(arn: string): Policy | undefined {
    return this.book.resource(arn);
  }

  public roleOfFunction(functionName: string): RolePart {
    const { roleArn } = only(this.functions.filter(({ name }) => name === functionName));
    return only(this.roles.filter(({ arn }) => arn === roleArn));
  }

  /** Returns the role by the beginning of its id in the template. */
  public role(prefix: string): RolePart {
    return only(this.roles, prefix);
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
    return this.functions.flatMap(({ arn }) => this.book.endpointFor(arn, service) ?? [])[0]?.policy;
  }

  /** Returns the ARN of a managed policy by the beginning of its id in the template. */
  public managedPolicyArn(prefix: string): string {
    return only(this.template.policies(), prefix).arn ?? NO_ARN;
  }

  /** Returns the ARN of the secret that RDS keeps for the database's master. */
  public masterSecret(): string {
    return this.database.masterSecret?.arn ?? NO_ARN;
  }

  /** Returns the id of the vault's own network. */
  public network(): string | undefined {
    return this.functions.find(({ network }) => network !== undefined)?.network?.vpcId;
  }
}

/** Returns the trust policy of a role. */
export function trustPolicy({ logicalId, trust }: RolePart): Policy {
  return Policy.read(logicalId, trust);
}

function only<P extends { readonly logicalId: string }>(parts: readonly P[], prefix = ''): P {
  const [part, ...others] = parts.filter(({ logicalId }) => logicalId.startsWith(prefix));
  if (part === undefined || others.length > 0) {
    throw new Error(`expected one resource ${prefix}…, got ${part === undefined ? 'none' : others.length + 1}`);
  }
  return part;
}
