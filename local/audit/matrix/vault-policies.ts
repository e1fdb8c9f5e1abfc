import { Policy } from '../../emulator/authorization';
import { type Identity, PolicyBook, unknownPolicies } from '../../emulator/deploy/policy-book';
import type { DatabasePart, FunctionPart, KeyPart, RolePart, SecretPart, StackTemplate } from '../../emulator/template';

/** Of what isn't there: the evaluation refuses a question about it. */
const NO_ARN = '';

/** Every policy that a vault's template deploys, by what it is attached to: the book that the local vault decides by. */
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

  /** The key whose id in the template begins so. */
  public key(prefix: string): KeyPart {
    return only(this.template.keys(), prefix);
  }

  /** A key's, a function's or alias's, or a secret's own policy; undefined where it has none. */
  public policyOf(arn: string): Policy | undefined {
    return this.book.resource(arn);
  }

  public roleOfFunction(functionName: string): RolePart {
    const { roleArn } = only(this.functions.filter(({ name }) => name === functionName));
    return only(this.roles.filter(({ arn }) => arn === roleArn));
  }

  /** The role whose id in the template begins so. */
  public role(prefix: string): RolePart {
    return only(this.roles, prefix);
  }

  /** What allows a role anything. Throws where that counts on a policy that isn't known: it would give nothing here. */
  public identity({ arn, logicalId }: RolePart): Identity {
    const [unknown] = this.unknown.filter((policy) => policy.logicalId === logicalId);
    const identity = this.book.identity(arn);
    if (unknown || !identity) throw new Error(`${logicalId}: expected known policies, got ${unknown?.type ?? 'none'}`);
    return identity;
  }

  /** Whether a function's calls pass the vault's endpoints. */
  public inNetwork(functionArn: string): boolean {
    return this.book.passage(functionArn, 'kms') !== undefined;
  }

  /** The policy of the vault's endpoint for a service; undefined where no function passes one. */
  public endpointPolicy(service: string): Policy | undefined {
    return this.functions.flatMap(({ arn }) => this.book.passage(arn, service) ?? [])[0]?.policy;
  }

  /** The ARN of the managed policy whose id in the template begins so. */
  public managedPolicyArn(prefix: string): string {
    return only(this.template.policies(), prefix).arn ?? NO_ARN;
  }

  /** The ARN of the secret that RDS keeps for the database's master. */
  public masterSecret(): string {
    return this.database.masterSecret?.arn ?? NO_ARN;
  }

  /** The vault's own network. */
  public network(): string | undefined {
    return this.functions.find(({ network }) => network !== undefined)?.network?.vpcId;
  }
}

/** Who may take a role on. */
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
