import { Policy } from '../authorization';
import { VERSION } from '../authorization/document';
import type { EndpointPart, RolePart, StackTemplate } from '../template';
import { AWS_MANAGED } from './aws-managed';

/** The policies of a principal. */
export interface Identity {
  readonly policies: readonly Policy[];
  readonly boundary: Policy | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A VPC endpoint with its policy. */
export interface VpcEndpoint {
  readonly id: string;
  readonly vpcId: string;
  /** undefined if the endpoint allows everything */
  readonly policy: Policy | undefined;
}

const NOTHING = { Version: VERSION, Statement: [] };

/** All policies of a template by principal, resource or endpoint. They have their logical ids as names. */
export class PolicyBook {
  readonly #identities: ReadonlyMap<string, Identity>;
  readonly #resources: ReadonlyMap<string, Policy>;
  readonly #endpoints: ReadonlyMap<string, VpcEndpoint>;
  readonly #secretKeys: ReadonlyMap<string, string>;
  readonly #trusts: ReadonlyMap<string, RolePart>;

  constructor(template: StackTemplate) {
    const roles = template.roles();
    this.#identities = new Map(roles.map((role) => [role.arn, identityOf(role)]));
    this.#resources = new Map([
      ...template.keys().map(({ logicalId, arn, policy }) => [arn, Policy.read(logicalId, policy)] as const),
      ...[...template.functionPolicies()].map(
        ([arn, document]) => [arn, Policy.read(shortName(arn), document)] as const,
      ),
      ...[...template.secrets(), ...template.buckets()].flatMap(({ logicalId, arn, policy }) => {
        return policy === undefined ? [] : [[arn, Policy.read(logicalId, policy)] as const];
      }),
    ]);
    this.#endpoints = new Map(endpointsOf(template));
    this.#secretKeys = new Map(secretKeysOf(template));
    this.#trusts = new Map(roles.map((role) => [role.arn, role]));
  }

  /** Returns a role's policies by its ARN; undefined if the template doesn't have the role. */
  identity(roleArn: string): Identity | undefined {
    return this.#identities.get(roleArn);
  }

  /** Returns the resource policy of a key, function, alias, secret, bucket or object, by its ARN. */
  resource(arn: string): Policy | undefined {
    return this.#resources.get(arn.startsWith('arn:aws:s3:::') ? arn.replace(/\/.*$/s, '') : arn);
  }

  /** Returns a role's trust policy by its ARN. Reads it lazily: no role is assumed at run time. */
  trust(roleArn: string): Policy | undefined {
    const role = this.#trusts.get(roleArn);
    return role && Policy.read(`${role.logicalId}/AssumeRolePolicyDocument`, role.trust);
  }

  /** Returns the endpoint for a function's calls to a service; undefined if they use none. */
  endpointFor(functionArn: string, service: string): VpcEndpoint | undefined {
    return this.#endpoints.get(`${functionArn} ${service}`);
  }

  /** Returns the ARN of a secret's customer managed key; undefined if Secrets Manager's own key encrypts it. */
  keyOfSecret(secretArn: string): string | undefined {
    return this.#secretKeys.get(secretArn);
  }
}

/** Returns KMS's default key policy: it trusts the account, so identity policies decide. */
export function defaultKeyPolicy(account: string): Policy {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }];
  return Policy.read('default key policy', { Version: VERSION, Statement });
}

/** Returns the roles with policies that are not in the template. Such policies allow nothing here. */
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
    // an unknown boundary allows nothing here
    boundary: boundary && Policy.read(shortName(boundary.arn), boundary.document ?? NOTHING),
    tags,
  };
}

function endpointsOf(template: StackTemplate): readonly (readonly [string, VpcEndpoint])[] {
  const arns = new Map(template.functions().map(({ logicalId, arn }) => [logicalId, arn]));
  return template.endpoints().flatMap((endpoint) => {
    const value = endpointOf(endpoint);
    return endpoint.functions.map((id) => [`${arns.get(id) ?? id} ${endpoint.service}`, value] as const);
  });
}

function endpointOf({ logicalId, id, vpcId, policy }: EndpointPart): VpcEndpoint {
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

/** Returns an ARN's part after the resource type, or after its last slash: a short name for the policy. */
function shortName(arn: string): string {
  return arn.split(':').slice(6).join(':') || arn.slice(arn.lastIndexOf('/') + 1);
}
