import { Token } from 'aws-cdk-lib';
import { ROLE_CHANGES } from './watched-events';
import type { WatchRule } from './watch-rule';

/** Region of each partition that receives IAM's events in EventBridge. */
const IDENTITY_REGIONS = { 'cn-': 'cn-north-1', 'us-gov-': 'us-gov-west-1' } as const;

/** Returns the region that receives IAM's events in EventBridge; undefined if the given region is a token. */
export function identityRegion(region: string): string | undefined {
  if (Token.isUnresolved(region)) return undefined;
  const found = Object.entries(IDENTITY_REGIONS).find(([prefix]) => region.startsWith(prefix));
  return found?.[1] ?? 'us-east-1';
}

/** Number of policies in one rule: their ARNs are long, and a pattern has at most 2,048 characters. */
const POLICIES_PER_RULE = 7;

/** Returns the rules for roles and policies that are known by reference. */
export function identityRules(roleNames: readonly string[], policyArns: readonly string[]): readonly WatchRule[] {
  const parts = Array.from({ length: Math.ceil(policyArns.length / POLICIES_PER_RULE) }, (_, part) =>
    policyArns.slice(part * POLICIES_PER_RULE, (part + 1) * POLICIES_PER_RULE),
  );
  return [
    identityRule('RoleChanges', "a vault's role was changed", { roleName: roleNames }),
    ...parts.map((policyArn, part) =>
      identityRule(`PolicyChanges${part === 0 ? '' : part + 1}`, "the policy of a vault's role was changed", {
        policyArn,
      }),
    ),
  ];
}

/** Returns the rule for roles and policies that are known by the beginning of their names. */
export function identityPrefixRule(prefix: string): WatchRule {
  return {
    ...identityRule('IdentityChanges', "a function's role or its policy was changed", {}),
    detail: {
      eventSource: ['iam.amazonaws.com'],
      eventName: [...ROLE_CHANGES],
      $or: [
        { requestParameters: { roleName: [{ prefix }] } },
        // a path may precede the name
        { requestParameters: { policyArn: [{ wildcard: `*/${prefix}*` }] } },
      ],
    },
  };
}

function identityRule(id: string, about: string, requestParameters: object): WatchRule {
  const detail = { eventSource: ['iam.amazonaws.com'], eventName: [...ROLE_CHANGES], requestParameters };
  return { id, about, services: ['iam'], detail };
}
