import { Policy } from '../authorization';
import { VERSION } from '../authorization/document';
import type { EndpointPart, RolePart, StackTemplate } from '../template';
import { AWS_MANAGED } from './aws-managed';

/** What a principal's own policies are. */
export interface Identity {
  readonly policies: readonly Policy[];
  readonly boundary: Policy | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A VPC endpoint, and what may pass it. */
export interface Passage {
  readonly id: string;
  readonly vpcId: string;
  /** undefined where everything may */
  readonly policy: Policy | undefined;
}

const NOTHING = { Version: VERSION, Statement: [] };

/** Every policy of a template, read once, by whom or what it holds for. Policies go by their logical ids. */
export class PolicyBook {
  readonly #identities: ReadonlyMap<string, Identity>;
  readonly #resources: ReadonlyMap<string, Policy>;
  readonly #passages: ReadonlyMap<string, Passage>;
  readonly #secretKeys: ReadonlyMap<string, string>;
  readonly #trusts: ReadonlyMap<string, RolePart>;

  constructor(template: StackTemplate) {
    const roles = template.roles();
    this.#identities = new Map(roles.map((role) => [role.arn, identityOf(role)]));
    this.#resources = new Map([
      ...template.keys().map(({ logicalId, arn, policy }) => [arn, Policy.read(logicalId, policy)] as const),
      ...[...template.functionPolicies()].map(
        ([arn, document]) => [arn, Policy.read(afterName(arn), document)] as const,
      ),
      ...template.secrets().flatMap(({ logicalId, arn, policy }) => {
        return policy === undefined ? [] : [[arn, Policy.read(logicalId, policy)] as const];
      }),
    ]);
    this.#passages = new Map(passagesOf(template));
    this.#secretKeys = new Map(secretKeysOf(template));
    this.#trusts = new Map(roles.map((role) => [role.arn, role]));
  }

  /** By a role's ARN; undefined for one that isn't the template's. */
  identity(roleArn: string): Identity | undefined {
    return this.#identities.get(roleArn);
  }

  /** A key's, a function's or alias's, or a secret's own policy, by its ARN. */
  resource(arn: string): Policy | undefined {
    return this.#resources.get(arn);
  }

  /** Who may take on a role, by its ARN. Read when it is asked for, since nobody does so at run time. */
  trust(roleArn: string): Policy | undefined {
    const role = this.#trusts.get(roleArn);
    return role && Policy.read(`${role.logicalId}/AssumeRolePolicyDocument`, role.trust);
  }

  /** What a function's calls to a service pass; undefined where they go through no endpoint. */
  passage(functionArn: string, service: string): Passage | undefined {
    return this.#passages.get(`${functionArn} ${service}`);
  }

  /** The customer's key that a secret is kept under; undefined where it is Secrets Manager's own. */
  keyOfSecret(secretArn: string): string | undefined {
    return this.#secretKeys.get(secretArn);
  }
}

/** What KMS gives a key that comes without a policy: the account's own policies decide. */
export function accountsOwn(account: string): Policy {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }];
  return Policy.read('default key policy', { Version: VERSION, Statement });
}

/** Roles that count on policies that nobody here knows: each gives nothing here. */
export function unknownPolicies(
  template: StackTemplate,
): readonly { readonly type: string; readonly logicalId: string }[] {
  return template
    .roles()
    .flatMap(({ logicalId, awsManaged, externalPolicies, boundary }) => [
      ...awsManaged
        .filter((name) => !AWS_MANAGED.has(name))
        .map((name) => ({ type: `AWS managed policy ${name}`, logicalId })),
      ...externalPolicies.map((arn) => ({ type: `policy ${arn}`, logicalId })),
      ...(boundary !== undefined && boundary.document === undefined
        ? [{ type: `boundary ${boundary.arn}`, logicalId }]
        : []),
    ]);
}

function identityOf({ logicalId: role, policies, awsManaged, boundary, tags }: RolePart): Identity {
  return {
    policies: [
      ...policies.map(({ logicalId, name, document }) =>
        Policy.read(logicalId === role ? `${role}/${name}` : logicalId, document),
      ),
      ...awsManaged.flatMap((name) => AWS_MANAGED.get(name) ?? []),
    ],
    // one that nobody here knows may allow nothing
    boundary: boundary && Policy.read(afterName(boundary.arn), boundary.document ?? NOTHING),
    tags,
  };
}

function passagesOf(template: StackTemplate): readonly (readonly [string, Passage])[] {
  const arns = new Map(template.functions().map(({ logicalId, arn }) => [logicalId, arn]));
  return template.endpoints().flatMap((endpoint) => {
    const passage = passageOf(endpoint);
    return endpoint.functions.map((id) => [`${arns.get(id) ?? id} ${endpoint.service}`, passage] as const);
  });
}

function passageOf({ logicalId, id, vpcId, policy }: EndpointPart): Passage {
  return { id, vpcId, policy: policy && Policy.read(logicalId, policy) };
}

function secretKeysOf(template: StackTemplate): readonly (readonly [string, string])[] {
  const { account, region } = template.resolver.deployment;
  const aliases = new Map(template.keyAliases().map(({ name, target }) => [name, target]));
  const managed = template.databases().flatMap(({ masterSecret }) => masterSecret ?? []);
  return [...template.secrets(), ...managed].flatMap(({ arn, kmsKeyId }) => {
    const named = kmsKeyId?.replace(/^arn:.*:(?=alias\/)/, '') ?? '';
    const key = aliases.get(named) ?? named;
    if (key === '' || key.startsWith('alias/')) return [];
    return [[arn, key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:key/${key}`] as const];
  });
}

/** What an ARN names, without where. */
function afterName(arn: string): string {
  return arn.split(':').slice(6).join(':') || arn.slice(arn.lastIndexOf('/') + 1);
}
