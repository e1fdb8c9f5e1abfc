import * as v from 'valibot';
import { tags, text, texts, wholeNumber } from '../fields';
import { type PolicyDocument, policyDocument } from '../policy-document';
import type { Resources } from '../resources';
import { FUNCTION } from './functions';
import { type PolicyPart, readPolicies } from './policies';

export const ROLE = 'AWS::IAM::Role';

/** A role, with all its policies. */
export interface RolePart {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly maximumSessionSeconds: number;
  /** the principals that may assume it */
  readonly trust: PolicyDocument;
  /** inline policies, policies that attach to the role, and managed policies that the role lists */
  readonly policies: readonly RolePolicy[];
  /** its AWS managed policies, as `service-role/AWSLambdaBasicExecutionRole` */
  readonly awsManaged: readonly string[];
  /** ARNs of its managed policies that the template lacks, except AWS's */
  readonly externalPolicies: readonly string[];
  readonly boundary: Boundary | undefined;
  /** logical ids of the functions that run under it */
  readonly functions: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface RolePolicy {
  readonly name: string;
  /** logical id of the policy; the role's for a policy inside of the role */
  readonly logicalId: string;
  readonly document: PolicyDocument;
}

/** The permissions boundary of a role. */
export interface Boundary {
  readonly arn: string;
  /** undefined if the template lacks it */
  readonly document: PolicyDocument | undefined;
}

const FIELDS = {
  AssumeRolePolicyDocument: policyDocument,
  Description: v.optional(text),
  ManagedPolicyArns: v.optional(texts, []),
  MaxSessionDuration: v.optional(wholeNumber, 3600),
  PermissionsBoundary: v.optional(text),
  Policies: v.optional(v.array(v.object({ PolicyName: text, PolicyDocument: policyDocument })), []),
  Tags: v.optional(tags, {}),
};

const AWS_MANAGED = /^arn:aws[a-z-]*:iam::aws:policy\/(.+)$/;

export function readRoles(resources: Resources): readonly RolePart[] {
  const policyResources = readPolicies(resources);
  const functions = resources.of(FUNCTION, { Role: text });
  return resources.of(ROLE, FIELDS).map(({ logicalId, properties }) => {
    const name = resources.resolver.name(logicalId);
    const arn = resources.resolver.name(logicalId, 'Arn');
    const { ManagedPolicyArns: named, PermissionsBoundary: boundary } = properties;
    const external = named.filter((policy) => !policyResources.some(({ arn: known }) => known === policy));
    const own = properties.Policies.map((policy) => ({
      name: policy.PolicyName,
      logicalId,
      document: policy.PolicyDocument,
    }));
    return {
      logicalId,
      name,
      arn,
      description: properties.Description,
      maximumSessionSeconds: properties.MaxSessionDuration,
      trust: properties.AssumeRolePolicyDocument,
      policies: [...own, ...policyResources.filter((policy) => concerns(policy, name, named)).map(rolePolicy)],
      awsManaged: external.flatMap((policy) => AWS_MANAGED.exec(policy)?.[1] ?? []),
      externalPolicies: external.filter((policy) => !AWS_MANAGED.test(policy)),
      boundary: boundary === undefined ? undefined : boundaryOf(boundary, policyResources),
      functions: functions.filter((fn) => fn.properties.Role === arn).map((fn) => fn.logicalId),
      tags: properties.Tags,
    };
  });
}

/** Returns whether a policy lists the role, or the role lists the policy. */
function concerns(policy: PolicyPart, role: string, named: readonly string[]): boolean {
  return policy.roles.includes(role) || (policy.arn !== undefined && named.includes(policy.arn));
}

function rolePolicy({ name, logicalId, document }: PolicyPart): RolePolicy {
  return { name, logicalId, document };
}

function boundaryOf(arn: string, policies: readonly PolicyPart[]): Boundary {
  return { arn, document: policies.find((policy) => policy.arn === arn)?.document };
}
