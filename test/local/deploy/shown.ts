import type { Deployed } from '../../../local/deploy';
import { type Removal, nameOf } from './removals';

/** Statements that the main job doesn't need, or of which it can't show the need, and why. */
const UNSHOWN: readonly (readonly [RegExp, string])[] = [
  [/^VaultNetworkFlowLogRole/, 'there is no network here whose flows could be logged'],
  [/^CustomVpcRestrictDefaultSG/, "the helper that closes a VPC's default security group doesn't run here"],
  [/^VaultWatchAlarmTopicPolicy/, 'nothing raises an alarm here'],
  [/^AWSCDKTrigger/, 'asked as the template is deployed: see the test of its own'],
];

/** One call that a statement is about, which no step of the main job makes. */
export interface Asked {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

const SEALED = { environment: 'dev', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };
const ELSEWHERE = { 'lambda:SourceFunctionArn': 'arn:aws:lambda:us-east-1:111122223333:function:another' };
const THROUGH_RDS = { 'kms:ViaService': 'rds.us-east-1.amazonaws.com' };
const INTERFACE = 'arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1';
const LOGS = 'kms:EncryptionContext:aws:logs:arn';
const GROUP = 'arn:aws:logs:us-east-1:111122223333:log-group:';

/** Removes what a pattern of actions has beyond a name: one action stands for it. */
const named = (action: string): string => action.replace(/ReEncrypt\*$/, 'ReEncryptTo').replace(/\*$/, '');

type Ask = (removal: Removal) => Omit<Asked, 'resource'> & { readonly resource?: string };

/** What is decided by the same policies, though no step of the main job asks for it. */
const DECIDED: readonly (readonly [RegExp, Ask])[] = [
  [/ AccountAdministersWithoutUse /, ({ action }) => ({ principal: 'administrator', action, context: {} })],
  [
    / NobodyHurriesDeletion /,
    ({ action }) => ({
      principal: 'administrator',
      action,
      context: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '7' },
    }),
  ],
  [
    / NobodySkipsTheLockoutCheck /,
    ({ action }) => ({ principal: 'administrator', action, context: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }),
  ],
  [
    / StoringServices kms:(?!Decrypt)/,
    ({ action }) => ({ principal: 'administrator', action: named(action), context: THROUGH_RDS }),
  ],
  [
    / StoringServicesGrants /,
    ({ action }) => ({
      principal: 'administrator',
      action,
      context: { ...THROUGH_RDS, 'kms:GrantIsForAWSResource': 'true' },
    }),
  ],
  [/ AlarmPublishers for "events/, () => publishing('events.amazonaws.com', 'kms:Decrypt')],
  [/ AlarmPublishers for /, () => publishing('cloudwatch.amazonaws.com', 'kms:Decrypt')],
  [/ AlarmPublishers /, ({ action }) => publishing('cloudwatch.amazonaws.com', named(action))],
  [
    /^VaultStorageKey\w+ #8 /,
    ({ action }) => ({
      principal: 'logs.us-east-1.amazonaws.com',
      action: named(action),
      context: { [LOGS]: `${GROUP}Mine-1` },
    }),
  ],
  [
    /^VaultStorageKey\w+ #9 /,
    ({ action }) => ({
      principal: 'logs.us-east-1.amazonaws.com',
      action: named(action),
      context: { [LOGS]: `${GROUP}/aws/rds/cluster/share-vault-dev/postgresql` },
    }),
  ],
  [
    / CodeMakesNone /,
    ({ policy }) => ({ principal: policy, action: 'ec2:CreateNetworkInterface', resource: INTERFACE, context: {} }),
  ],
  [
    /^VaultFunctionsunsealRole\w+ KeysFromThisFunctionAlone /,
    ({ policy }) => ({
      principal: policy,
      action: 'kms:Decrypt',
      resource: 'ShareKey',
      context: { ...SEALED, ...ELSEWHERE },
    }),
  ],
  [
    /^VaultFunctionssealRole\w+ KeysFromThisFunctionAlone /,
    ({ policy }) => ({ principal: policy, action: 'kms:Decrypt', resource: 'intake', context: ELSEWHERE }),
  ],
  [
    /^VaultWebhookFunctionRole\w+ KeysFromThisFunctionAlone /,
    ({ policy }) => ({ principal: policy, action: 'kms:Decrypt', resource: 'webhook', context: ELSEWHERE }),
  ],
];

function publishing(principal: string, action: string): Omit<Asked, 'resource'> {
  return { principal, action, context: { 'aws:SourceAccount': '111122223333' } };
}

/** Why nothing shows the need of it; undefined for what something has to. */
export function reasonFor(removal: Removal): string | undefined {
  return UNSHOWN.find(([pattern]) => pattern.test(nameOf(removal)))?.[1];
}

/** What is to be decided with it and without it; undefined for what the main job shows. */
export function askedFor(removal: Removal): Asked | undefined {
  const ask = DECIDED.find(([pattern]) => pattern.test(nameOf(removal)))?.[1];
  return ask && { resource: removal.policy, ...ask(removal) };
}

/** `ALLOWED` or `DENIED`, with a statement and without it. */
export async function decidedWithAndWithout(vault: Deployed, removal: Removal): Promise<readonly string[]> {
  const { principal, action, resource, context } = askedFor(removal) ?? {
    principal: '',
    action: '',
    resource: '',
    context: {},
  };
  const roles = vault.template.roles().filter(({ logicalId }) => principal.startsWith(logicalId.slice(0, -8)));
  const key = vault.template.keys().find(({ logicalId }) => logicalId.includes(resource) && resource !== '');
  const decide = async (): Promise<string> => {
    const [line = ''] = await vault.explain(
      roles[0]?.logicalId ?? principal,
      action,
      key?.logicalId ?? resource,
      context,
    );
    return line.split(' ')[0] ?? '';
  };
  const whole = await decide();
  vault.decideWith(removal.remove);
  const without = await decide();
  vault.decideWith(() => undefined);
  return [whole, without];
}
