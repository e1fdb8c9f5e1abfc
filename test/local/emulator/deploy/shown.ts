import type { Deployed } from '../../../../local/emulator/deploy';
import type { RolePart } from '../../../../local/emulator/template';
import { type Removal, nameOf } from './removals';

/** Statements that have their own tests. */
const ELSEWHERE_SHOWN: readonly RegExp[] = [
  /^VaultWatchAlarmTopicPolicy/,
  // called during the deployment of the template
  /^AWSCDKTrigger.* lambda:InvokeFunction /,
];

/** A call that a statement allows or denies, and that no step of the main job makes. */
export interface Call {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

const SEALED = { environment: 'dev', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };
const ELSEWHERE = { 'lambda:SourceFunctionArn': 'arn:aws:lambda:us-east-1:111122223333:function:another' };
const OF_MACHINE = {
  'aws:SourceArn': 'arn:aws:states:us-east-1:111122223333:stateMachine:share-vault-dev-reseal',
  'aws:SourceAccount': '111122223333',
};
const THROUGH_RDS = { 'kms:ViaService': 'rds.us-east-1.amazonaws.com' };
const INTERFACE = 'arn:aws:ec2:us-east-1:111122223333:network-interface/eni-1';
const LOGS = 'kms:EncryptionContext:aws:logs:arn';
/** Ends in digits of the stack id of `Mine`. */
const CLUSTER = 'share-vault-dev-f57afb7d275a';
const GROUP = 'arn:aws:logs:us-east-1:111122223333:log-group:';

/** The resource of the role's own statement. */
const OWN = 'what it names';

/** Replaces a pattern of actions by one action. */
const named = (action: string): string => action.replace(/ReEncrypt\*$/, 'ReEncryptTo').replace(/\*$/, '');

type Ask = (removal: Removal) => Omit<Call, 'resource'> & { readonly resource?: string };

/** The principals that may assume roles: Lambda assumes those of functions. */
const ASSUMERS: readonly (readonly [RegExp, string])[] = [
  [/^VaultNetworkFlowLogRole/, 'vpc-flow-logs.amazonaws.com'],
  [/^(Backend|Watcher|Guard|Second)/, 'ecs-tasks.amazonaws.com'],
  [/^VaultResealStartRole/, 'events.amazonaws.com'],
  [/^VaultResealRole/, 'states.amazonaws.com'],
  [/./, 'lambda.amazonaws.com'],
];

/** The calls that the same policies decide, but that no step of the main job makes. */
const DECIDED: readonly (readonly [RegExp, Ask])[] = [
  [
    / sts:AssumeRole /,
    ({ policy, action }) => ({
      principal: ASSUMERS.find(([pattern]) => pattern.test(policy))?.[1] ?? '',
      action,
      resource: policy,
      // Step Functions names the machine
      context: policy.startsWith('VaultResealRole') ? OF_MACHINE : {},
    }),
  ],
  // the network that needs these isn't created here
  [
    /^(VaultNetworkFlowLogRole|CustomVpcRestrictDefaultSG)/,
    ({ policy, action }) => ({ principal: policy, action, resource: OWN, context: {} }),
  ],
  // a deployment isn't rolled back here
  [/^VaultDatabaseGuardRole/, ({ policy, action }) => ({ principal: policy, action, resource: OWN, context: {} })],
  // the master's password doesn't fail here
  [/ AllowLoginAsVaultMaster\w+ /, ({ policy, action }) => ({ principal: policy, action, resource: OWN, context: {} })],
  [/ AllowAccountAdministration /, ({ action }) => ({ principal: 'administrator', action, context: {} })],
  [
    / DenyShortDeletionWindow /,
    ({ action }) => ({
      principal: 'administrator',
      action,
      context: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '7' },
    }),
  ],
  [
    / DenyLockoutCheckBypass /,
    ({ action }) => ({ principal: 'administrator', action, context: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }),
  ],
  [
    / AllowStorageServices kms:(?!Decrypt)/,
    ({ action }) => ({ principal: 'administrator', action: named(action), context: THROUGH_RDS }),
  ],
  [
    / AllowStorageServiceGrants /,
    ({ action }) => ({
      principal: 'administrator',
      action,
      context: { ...THROUGH_RDS, 'kms:GrantIsForAWSResource': 'true' },
    }),
  ],
  [
    / AllowAlarmsFromCloudWatch /,
    ({ action }) => ({
      principal: 'cloudwatch.amazonaws.com',
      action: named(action),
      context: { 'aws:SourceAccount': '111122223333' },
    }),
  ],
  [
    / AllowAlarmsFromEventBridge /,
    ({ action }) => ({
      principal: 'events.amazonaws.com',
      action: named(action),
      context: { 'kms:EncryptionContext:aws:sns:topicArn': 'arn:aws:sns:us-east-1:111122223333:alarms' },
    }),
  ],
  [
    /^VaultStorageKey\w+ #9 /,
    ({ action }) => ({
      principal: 'logs.us-east-1.amazonaws.com',
      action: named(action),
      context: { [LOGS]: `${GROUP}Mine-1` },
    }),
  ],
  [
    /^VaultStorageKey\w+ #10 /,
    ({ action }) => ({
      principal: 'logs.us-east-1.amazonaws.com',
      action: named(action),
      context: { [LOGS]: `${GROUP}/aws/rds/cluster/${CLUSTER}/postgresql` },
    }),
  ],
  [
    / DenyNetworkInterfacesFromCode /,
    ({ policy }) => ({ principal: policy, action: 'ec2:CreateNetworkInterface', resource: INTERFACE, context: {} }),
  ],
  [
    /^VaultFunctionsunsealRole\w+ DenyKeyUseUnlessOwnFunction /,
    ({ policy }) => ({
      principal: policy,
      action: 'kms:Decrypt',
      resource: 'ShareKey',
      context: { ...SEALED, ...ELSEWHERE },
    }),
  ],
  [
    /^VaultFunctionssealRole\w+ DenyKeyUseUnlessOwnFunction /,
    ({ policy }) => ({ principal: policy, action: 'kms:Decrypt', resource: 'intake', context: ELSEWHERE }),
  ],
  [
    /^VaultWebhookFunctionRole\w+ DenyKeyUseUnlessOwnFunction /,
    ({ policy }) => ({ principal: policy, action: 'kms:Decrypt', resource: 'webhook', context: ELSEWHERE }),
  ],
];

/** Returns true if the statement has its own test. */
export function isShownElsewhere(removal: Removal): boolean {
  return ELSEWHERE_SHOWN.some((pattern) => pattern.test(nameOf(removal)));
}

/** Returns the call to decide with and without it; undefined if the main job shows the need. */
export function callFor(removal: Removal): Call | undefined {
  const ask = DECIDED.find(([pattern]) => pattern.test(nameOf(removal)))?.[1];
  return ask && { resource: removal.policy, ...ask(removal) };
}

/** Returns the resource of a role's statement; for a log group, a stream. */
function namedBy(role: RolePart | undefined, action: string): string {
  const statements = role?.policies.flatMap(({ document }) => document.Statement) ?? [];
  const statement = statements.find(({ Action }) => [Action].flat().includes(action));
  return String([statement?.Resource].flat()[0]).replace(/:\*$/, ':log-stream:flows');
}

/** Returns `ALLOWED` or `DENIED`, with a statement and without it. */
export async function decidedWithAndWithout(vault: Deployed, removal: Removal): Promise<readonly string[]> {
  const { principal, action, resource, context } = callFor(removal) ?? {
    principal: '',
    action: '',
    resource: '',
    context: {},
  };
  const [role] = vault.template.roles().filter(({ logicalId }) => principal.startsWith(logicalId.slice(0, -8)));
  const key = vault.template.keys().find(({ logicalId }) => logicalId.includes(resource) && resource !== '');
  const decide = async (): Promise<string> => {
    const on = resource === OWN ? namedBy(role, action) : (key?.logicalId ?? resource);
    const [line = ''] = await vault.explain(role?.logicalId ?? principal, action, on, context);
    return line.split(' ')[0] ?? '';
  };
  const whole = await decide();
  vault.decideWith(removal.remove);
  const without = await decide();
  vault.decideWith(undefined);
  return [whole, without];
}
