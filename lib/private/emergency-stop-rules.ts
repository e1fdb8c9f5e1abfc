import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { identityRegion } from './identity-rules';
import type { VaultRole } from './vault-role';
import type { WatchRule } from './watch-rule';
import { ASSUMPTIONS, ROLE_CHANGES } from './watched-events';

/**
 * Returns the rules that report the use of the role, and changes to it. EventBridge receives IAM's events in one region
 * only: elsewhere, `IdentityAlarms` reports changes.
 */
export function emergencyStopRules(scope: IConstruct, role: VaultRole): readonly WatchRule[] {
  const { region } = Stack.of(scope);
  const home = identityRegion(region);
  return [
    {
      id: 'EmergencyStop',
      about: 'the role that disables the share keys was assumed in this region, or called KMS or STS',
      services: ['sts', 'kms'],
      // assumptions count as reads
      includesReads: true,
      detail: {
        $or: [
          { eventName: [...ASSUMPTIONS], requestParameters: { roleArn: [role.roleArn] } },
          { userIdentity: { sessionContext: { sessionIssuer: { arn: [role.roleArn] } } } },
        ],
      },
    },
    ...(home === undefined || home === region ? [changes(role)] : []),
  ];
}

function changes(role: VaultRole): WatchRule {
  return {
    id: 'EmergencyStopChanges',
    about: 'the role that disables the share keys, or its policy, was changed',
    services: ['iam'],
    detail: {
      eventSource: ['iam.amazonaws.com'],
      eventName: [...ROLE_CHANGES],
      $or: [
        { requestParameters: { roleName: [role.roleName] } },
        { requestParameters: { policyArn: [role.policyArn] } },
      ],
    },
  };
}
