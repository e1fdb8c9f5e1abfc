import * as v from 'valibot';
import { text, texts } from '../fields';
import { type PolicyDocument, policyDocument } from '../policy-document';
import type { Resources } from '../resources';

export const POLICY = 'AWS::IAM::Policy';
export const ROLE_POLICY = 'AWS::IAM::RolePolicy';
export const MANAGED_POLICY = 'AWS::IAM::ManagedPolicy';

/** A policy that is a resource of the template, and the identities that it attaches to. */
export interface PolicyPart {
  readonly logicalId: string;
  readonly name: string;
  /** undefined unless it is a managed policy */
  readonly arn: string | undefined;
  readonly document: PolicyDocument;
  /** names, not logical ids: a policy may attach to a role outside of the template */
  readonly roles: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

const ATTACHED = {
  PolicyDocument: policyDocument,
  Roles: v.optional(texts, []),
  Users: v.optional(texts, []),
  Groups: v.optional(texts, []),
};

export function readPolicies(resources: Resources): readonly PolicyPart[] {
  return [...readInline(resources), ...readRolePolicies(resources), ...readManaged(resources)];
}

function readInline(resources: Resources): readonly PolicyPart[] {
  return resources.of(POLICY, { ...ATTACHED, PolicyName: text }).map(({ logicalId, properties }) => ({
    logicalId,
    name: properties.PolicyName,
    arn: undefined,
    ...attachment(properties),
  }));
}

function readRolePolicies(resources: Resources): readonly PolicyPart[] {
  const fields = { PolicyName: text, PolicyDocument: policyDocument, RoleName: text };
  return resources.of(ROLE_POLICY, fields).map(({ logicalId, properties }) => ({
    logicalId,
    name: properties.PolicyName,
    arn: undefined,
    document: properties.PolicyDocument,
    roles: [properties.RoleName],
    users: [],
    groups: [],
  }));
}

function readManaged(resources: Resources): readonly PolicyPart[] {
  return resources.of(MANAGED_POLICY, ATTACHED).map(({ logicalId, properties }) => {
    const arn = resources.resolver.name(logicalId);
    return { logicalId, name: arn.slice(arn.lastIndexOf('/') + 1), arn, ...attachment(properties) };
  });
}

function attachment(properties: {
  readonly PolicyDocument: PolicyDocument;
  readonly Roles: readonly string[];
  readonly Users: readonly string[];
  readonly Groups: readonly string[];
}): Pick<PolicyPart, 'document' | 'roles' | 'users' | 'groups'> {
  const { PolicyDocument: document, Roles: roles, Users: users, Groups: groups } = properties;
  return { document, roles, users, groups };
}
