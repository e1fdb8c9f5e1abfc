import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Egress } from '../../lib/egress';
import { ShareKey } from '../../lib/share-key';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { googleKey, jwtKey } from '../support/external-keys';
import { matchesPattern } from '../support/event-match';
import { plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

// a name that is known at synth, so that events can contain it
const template = testVault({ webhook: {}, clusterIdentifier: 'share-vault-staging' }).template();
const UNRETIRING = template;
const RULES = propertiesOf(template, 'AWS::Events::Rule', 'VaultWatchChanges');
const TOPIC = '${VaultWatchAlarmTopic}';
const SWEEP = '${VaultMigrationSweep}';
const BACKUPS = '${VaultDatabaseBackupVault.BackupVaultName}';
const STORAGE_KEY = { resources: [{ ARN: '${VaultStorageKey.Arn}' }] };

function rulesWith(props: Partial<ShareVaultProps>): typeof RULES {
  return propertiesOf(testVault(props).template(), 'AWS::Events::Rule', 'VaultWatchChanges');
}

/** Returns the names of the rules that report an event. */
function reportedBy(
  service: string,
  detail: object,
  detailType = 'AWS API Call via CloudTrail',
  rules = RULES,
): readonly string[] {
  const event = { source: `aws.${service}`, 'detail-type': detailType, detail };
  return [...rules.values()]
    .filter(({ EventPattern }) => matchesPattern(plain(EventPattern), event))
    .map(({ Name }) => String(Name).replace('share-vault-staging-', ''));
}

function called(
  service: string,
  eventName: string,
  requestParameters: object,
  more: object = {},
  rules = RULES,
): readonly string[] {
  const detail = { eventSource: `${service}.amazonaws.com`, eventName, requestParameters, ...more };
  return reportedBy(service, detail, undefined, rules);
}

describe('a call that could silence the alarms', () => {
  test.each([
    ['events', 'DisableRule', { name: 'share-vault-staging-KeyChanges' }, ['RuleChanges']],
    ['events', 'RemoveTargets', { rule: 'share-vault-staging-KeyChanges', ids: ['a'] }, ['RuleChanges']],
    ['events', 'DeleteRule', { name: SWEEP }, ['RuleChanges']],
    ['events', 'PutTargets', { rule: SWEEP }, ['RuleChanges']],
    ['events', 'DisableRule', { name: 'share-vault-staging-RuleChanges' }, ['RuleChanges', 'AlarmChanges']],
    ['events', 'DisableRule', { name: 'share-vault-staging-AlarmChanges' }, ['RuleChanges']],
    ['monitoring', 'DeleteAlarms', { alarmNames: ['share-vault-staging-seal-Failed'] }, ['AlarmChanges']],
    ['monitoring', 'DisableAlarmActions', { alarmNames: ['x', 'share-vault-staging-seal-Failed'] }, ['AlarmChanges']],
    ['monitoring', 'PutMetricAlarm', { alarmName: 'share-vault-staging-seal-Failed' }, ['AlarmChanges']],
    ['monitoring', 'SetAlarmState', { alarmName: 'share-vault-staging-seal-Failed' }, ['AlarmChanges']],
    ['sns', 'Unsubscribe', { subscriptionArn: `${TOPIC}:6f6a6f8e` }, ['TopicChanges']],
    ['sns', 'SetSubscriptionAttributes', { subscriptionArn: `${TOPIC}:6f6a6f8e` }, ['TopicChanges']],
    ['sns', 'SetTopicAttributes', { topicArn: TOPIC, attributeName: 'Policy' }, ['TopicChanges']],
    ['sns', 'DeleteTopic', { topicArn: TOPIC }, ['TopicChanges']],
    ['sns', 'RemovePermission', { topicArn: TOPIC }, ['TopicChanges']],
    ['cloudtrail', 'StopLogging', { name: 'arn:aws:cloudtrail:eu-central-1:1:trail/any' }, ['TrailChanges']],
    ['cloudtrail', 'PutEventSelectors', { trailName: 'any' }, ['TrailChanges']],
    ['logs', 'DeleteMetricFilter', { logGroupName: 'Test-VaultFunctionssealLog-1' }, ['LogChanges']],
    ['logs', 'DeleteLogGroup', { logGroupName: '/aws/rds/cluster/share-vault-staging/postgresql' }, ['LogChanges']],
    ['logs', 'DisassociateKmsKey', { resourceIdentifier: 'arn:aws:logs:a:1:log-group:Test-Log-1' }, ['LogChanges']],
    ['logs', 'DeleteDataProtectionPolicy', { logGroupIdentifier: 'Test-Log-1' }, ['LogChanges']],
  ])('%s %s of %j is reported', (service, eventName, parameters, rules) => {
    expect(called(service, eventName, parameters)).toEqual(expect.arrayContaining(rules));
    expect(called(service, eventName, parameters)).toHaveLength(rules.length);
  });

  test.each([
    ['events', 'DisableRule', { name: 'another' }],
    ['events', 'EnableRule', { name: 'share-vault-staging-KeyChanges' }],
    ['monitoring', 'DeleteAlarms', { alarmNames: ['another'] }],
    ['sns', 'Unsubscribe', { subscriptionArn: `${TOPIC}2:6f6a6f8e` }],
    ['logs', 'DeleteLogGroup', { logGroupName: '/aws/rds/cluster/another/postgresql' }],
  ])('%s %s of %j, which is not of the vault, is not reported', (service, eventName, parameters) => {
    expect(called(service, eventName, parameters)).toEqual([]);
  });
});

describe('a call that could set a recovery key, or hide that it was set', () => {
  test.each([
    [
      'lambda',
      'UpdateFunctionConfiguration20150331v2',
      { functionName: 'share-vault-staging-seal' },
      'FunctionChanges',
    ],
    ['lambda', 'UpdateFunctionCode20150331v2', { functionName: 'share-vault-staging-receive' }, 'FunctionChanges'],
    ['ssm', 'PutParameter', { name: '/share-vault/staging/recovery-keys' }, 'ParameterChanges'],
    ['ssm', 'DeleteParameters', { names: ['/share-vault/staging/recovery-keys'] }, 'ParameterChanges'],
  ])('%s %s of %j is reported', (service, eventName, parameters, rule) => {
    expect(called(service, eventName, parameters)).toEqual([rule]);
  });
});

describe('a call that could lose, copy or open the database', () => {
  test.each([
    ['rds', 'ModifyDBCluster', { dBClusterIdentifier: 'share-vault-staging' }, 'DatabaseChanges'],
    ['rds', 'ModifyDBCluster', { dBClusterIdentifier: 'Share-Vault-STAGING' }, 'DatabaseChanges'],
    ['rds', 'DeleteDBCluster', { dBClusterIdentifier: 'share-vault-staging' }, 'DatabaseChanges'],
    ['rds', 'EnableHttpEndpoint', { resourceArn: 'arn:aws:rds:a:1:cluster:share-vault-staging' }, 'DatabaseChanges'],
    ['rds', 'ModifyDBClusterParameterGroup', { dBClusterParameterGroupName: 'x' }, 'DatabaseChanges'],
    ['rds', 'ModifyDBClusterSnapshotAttribute', { dBClusterSnapshotIdentifier: 'x' }, 'DatabaseChanges'],
    ['rds', 'ModifyDBInstance', { dBInstanceIdentifier: '${VaultDatabaseClusterWriter}' }, 'InstanceChanges'],
    ['rds', 'StartExportTask', { sourceArn: 'arn:aws:rds:a:1:cluster:share-vault-staging' }, 'SnapshotChanges'],
    ['rds', 'RestoreDBClusterToPointInTime', { sourceDBClusterIdentifier: 'share-vault-staging' }, 'SnapshotChanges'],
    ['rds', 'RestoreDBClusterFromSnapshot', { snapshotIdentifier: 'awsbackup:job-1' }, 'SnapshotChanges'],
    ['ec2', 'ModifyVpcEndpoint', { ModifyVpcEndpointRequest: { VpcEndpointId: 'vpce-1' } }, 'EndpointChanges'],
    ['ec2', 'DeleteVpcEndpoints', { DeleteVpcEndpointsRequest: {} }, 'EndpointChanges'],
    ['backup', 'DeleteRecoveryPoint', { backupVaultName: BACKUPS }, 'BackupChanges'],
    ['backup', 'DeleteBackupSelection', { backupPlanId: 'x', selectionId: 'y' }, 'BackupChanges'],
    ['backup', 'UpdateRegionSettings', {}, 'BackupChanges'],
    ['lambda', 'PutFunctionConcurrency20171031', { functionName: 'share-vault-staging-unseal' }, 'FunctionChanges'],
  ])('%s %s of %j is reported', (service, eventName, parameters, rule) => {
    expect(called(service, eventName, parameters)).toEqual([rule]);
  });

  test('CopyDBClusterSnapshot is reported', () => {
    const source = { sourceDBClusterSnapshotIdentifier: 'rds:share-vault-staging-2026-01-01' };

    expect(called('rds', 'CopyDBClusterSnapshot', source)).toEqual(['SnapshotChanges']);
  });

  test("a snapshot is reported, but not AWS Backup's daily one", () => {
    const snapshot = { dBClusterIdentifier: 'share-vault-staging' };
    const byBackup = { userIdentity: { type: 'AssumedRole', invokedBy: 'backup.amazonaws.com' } };
    const bySomeone = { userIdentity: { type: 'AssumedRole', arn: 'arn:aws:sts::1:assumed-role/a/b' } };

    expect(called('rds', 'CreateDBClusterSnapshot', snapshot, byBackup)).toEqual([]);
    expect(called('rds', 'CreateDBClusterSnapshot', snapshot, bySomeone)).toEqual(['DatabaseChanges']);
  });

  test.each(['FAILED', 'EXPIRED', 'ABORTED'])('a backup job that ended as %s is reported', (state) => {
    const detail = { state, backupVaultName: BACKUPS };

    expect(reportedBy('backup', detail, 'Backup Job State Change')).toEqual(['BackupJobs']);
  });

  test('a backup job that completed is not reported', () => {
    const detail = { state: 'COMPLETED', backupVaultName: BACKUPS };

    expect(reportedBy('backup', detail, 'Backup Job State Change')).toEqual([]);
  });
});

describe('a call that could change the way out of the network', () => {
  const SERVICE = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';
  const ways = {
    firewall: rulesWith({ otherKeys: [googleKey()], egress: Egress.firewall() }),
    link: rulesWith({ otherKeys: [jwtKey()], egress: Egress.privateLink({ service: SERVICE }) }),
    none: RULES,
  };
  const OUTSIDE = { groupId: '${VaultNetworkOutside.GroupId}' };
  const ARN = 'arn:aws:network-firewall:eu-west-1:111111111111';
  const HOSTS = 'share-vault-staging-hosts';

  test.each([
    ['CreateRoute', 'EgressFunctions1'],
    ['ReplaceRoute', 'EgressNat1'],
    ['DeleteRoute', 'EgressFirewall2'],
    ['CreateRoute', 'VpcIsolatedSubnet1'],
    ['DeleteRouteTable', 'EgressNat2'],
  ])('ec2 %s about the subnet %s is reported if the vault has a way with routes', (eventName, subnet) => {
    const parameters = { routeTableId: `\${VaultNetwork${subnet}RouteTable}` };

    expect(called('ec2', eventName, parameters, {}, ways.firewall)).toEqual(['RouteChanges']);
    expect(called('ec2', eventName, parameters, {}, ways.none)).toEqual([]);
  });

  test.each([
    ['ec2', 'AuthorizeSecurityGroupEgress', OUTSIDE],
    ['ec2', 'AuthorizeSecurityGroupIngress', OUTSIDE],
    ['ec2', 'AuthorizeSecurityGroupEgress', { groupId: '${VaultNetworkFunctions.GroupId}' }],
    ['ec2', 'ModifySecurityGroupRules', { ModifySecurityGroupRulesRequest: {} }],
    ['ec2', 'ReplaceRouteTableAssociation', { associationId: 'rtbassoc-1', routeTableId: 'rtb-1' }],
    ['ec2', 'DisassociateRouteTable', { associationId: 'rtbassoc-1' }],
    ['ec2', 'AssociateRouteTable', { subnetId: 'subnet-1', routeTableId: 'rtb-1' }],
    ['ec2', 'AttachInternetGateway', { internetGatewayId: 'igw-1', vpcId: 'vpc-1' }],
  ])('%s %s of %j is reported if the vault has a way out', (service, eventName, parameters) => {
    expect(called(service, eventName, parameters, {}, ways.firewall)).toEqual(['EgressChanges']);
    expect(called(service, eventName, parameters, {}, ways.none)).toEqual([]);
  });

  test.each([
    ['UpdateRuleGroup', { ruleGroupName: HOSTS, type: 'STATEFUL' }],
    ['UpdateRuleGroup', { ruleGroupArn: `${ARN}:stateful-rulegroup/${HOSTS}` }],
    ['DeleteRuleGroup', { ruleGroupName: HOSTS }],
    ['UpdateFirewallPolicy', { firewallPolicyName: 'share-vault-staging-egress' }],
    ['UpdateFirewallPolicy', { firewallPolicyArn: `${ARN}:firewall-policy/share-vault-staging-egress` }],
    ['AssociateFirewallPolicy', { firewallName: 'share-vault-staging-egress-1', firewallPolicyArn: 'another' }],
    ['DisassociateSubnets', { firewallArn: `${ARN}:firewall/share-vault-staging-egress-2` }],
    ['UpdateLoggingConfiguration', { firewallName: 'share-vault-staging-egress-1' }],
    ['DeleteFirewall', { firewallName: 'share-vault-staging-egress-1' }],
  ])('%s of %j is reported if the vault has a firewall', (eventName, parameters) => {
    expect(called('network-firewall', eventName, parameters, {}, ways.firewall)).toEqual(['FirewallChanges']);
    expect(called('network-firewall', eventName, parameters, {}, ways.link)).toEqual([]);
  });

  test.each([
    ['ec2', 'CreateRoute', { routeTableId: 'rtb-1' }],
    ['ec2', 'AuthorizeSecurityGroupEgress', { groupId: 'sg-1' }],
    ['ec2', 'DescribeRouteTables', {}],
    ['network-firewall', 'UpdateRuleGroup', { ruleGroupName: 'another' }],
    ['network-firewall', 'DescribeRuleGroup', { ruleGroupName: HOSTS }],
  ])('%s %s of %j is not reported', (service, eventName, parameters) => {
    expect(called(service, eventName, parameters, {}, ways.firewall)).toEqual([]);
  });

  test('is reported about the group of functions if the way has no routes of its own', () => {
    expect(called('ec2', 'AuthorizeSecurityGroupEgress', OUTSIDE, {}, ways.link)).toEqual(['EgressChanges']);
    expect(called('ec2', 'DeleteVpcEndpoints', {}, {}, ways.link)).toEqual(['EndpointChanges']);
  });
});

describe('a use of a share key that only opens', () => {
  const stack = testStack();
  const next = new ShareKey(stack, 'Next', { environment: 'staging' });
  const template = testVault({ shareKey: next, retiringShareKeys: [ShareKey.ofVault()] }, stack).template();
  const traded = propertiesOf(template, 'AWS::Events::Rule', 'VaultWatchChangesRetiringKeyUse');
  const [OWN, NEXT] = ['${VaultKeysShareKey.Arn}', '${NextKey.Arn}'].map((ARN) => ({ resources: [{ ARN }] }));
  const by = (arn: string, of: object = OWN ?? {}) => ({
    ...of,
    userIdentity: { type: 'AssumedRole', sessionContext: { sessionIssuer: { arn } } },
  });
  const UNSEAL = '${VaultFunctionsunsealRole.Arn}';
  const RESEAL = '${VaultResealFunctionRole.Arn}';
  const STRANGER = 'arn:aws:iam::111111111111:role/Admin';
  const reported = (more: object, eventName = 'Decrypt') => called('kms', eventName, {}, more, traded);

  test.each([
    ['a stranger', by(STRANGER)],
    ['a function that only seals', by('${VaultFunctionssealRole.Arn}')],
    ['a stranger whom KMS refused', { ...by(STRANGER), errorCode: 'AccessDenied' }],
    ['root', { ...OWN, userIdentity: { type: 'Root' } }],
    ['unseal, after the key was disabled', { ...by(UNSEAL), errorCode: 'DisabledException' }],
    ['unseal, after its deletion was scheduled', { ...by(UNSEAL), errorCode: 'KMSInvalidStateException' }],
    ['reseal, without the permission', { ...by(RESEAL), errorCode: 'AccessDenied' }],
  ])('is reported if it is by %s', (_who, more) => {
    expect(reported(more)).toEqual(['RetiringKeyUse']);
  });

  test.each([
    ['unseal, as usual during a replacement', by(UNSEAL)],
    ['reseal, as usual during a replacement', by(RESEAL)],
    ['reseal, too fast for the quota', { ...by(RESEAL), errorCode: 'ThrottlingException' }],
    ['a stranger with the key that seals', by(STRANGER, NEXT)],
  ])('is not reported if it is by %s', (_who, more) => {
    expect(reported(more)).toEqual([]);
  });

  test('is reported if it re-encrypts, and not if it only describes', () => {
    expect(reported(by(STRANGER), 'ReEncrypt')).toEqual(['RetiringKeyUse']);
    expect(reported(by(STRANGER), 'DescribeKey')).toEqual([]);
  });

  test('reaches its rule though it is a read, and an alarm reports openings under a retired key', () => {
    expect([...traded.values()]).toMatchObject([{ State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' }]);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-unseal-RetiredKey',
      MetricName: 'OpenedByRetiredKey',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('has neither rule nor alarm in a vault without such a key', () => {
    expect([...RULES.keys()].filter((id) => id.includes('RetiringKeyUse'))).toEqual([]);
    const alarms = [...propertiesOf(UNRETIRING, 'AWS::CloudWatch::Alarm').values()];
    expect(alarms.filter(({ MetricName }) => MetricName === 'OpenedByRetiredKey')).toEqual([]);
  });
});

describe('a call about the bucket of tombstones', () => {
  const rules = rulesWith({ tombstones: {} });
  const BUCKET = { bucketName: '${VaultTombstonesBucket}' };

  test.each([
    'DeleteBucket',
    'DeleteBucketLifecycle',
    'DeleteBucketPolicy',
    'PutBucketEncryption',
    'PutBucketLifecycle',
    'PutBucketObjectLockConfiguration',
    'PutBucketPolicy',
    'PutBucketReplication',
    'PutBucketVersioning',
    'PutObjectLockConfiguration',
  ])('%s is reported if the vault has one', (eventName) => {
    expect(called('s3', eventName, BUCKET, {}, rules)).toEqual(['BucketChanges']);
    expect(called('s3', eventName, BUCKET)).toEqual([]);
  });

  test.each([
    ['PutBucketLifecycle', { bucketName: 'another' }],
    ['GetBucketPolicy', BUCKET],
    ['PutObject', BUCKET],
  ])('%s of %j is not reported', (eventName, parameters) => {
    expect(called('s3', eventName, parameters, {}, rules)).toEqual([]);
  });
});

test.each(['EnableKeyRotation', 'RotateKeyOnDemand', 'DisableKey'])('%s of a key is reported', (eventName) => {
  expect(called('kms', eventName, { keyId: 'alias/any' }, STORAGE_KEY)).toEqual(['KeyChanges']);
});

test('each rule has an alarm on messages that it could not send', () => {
  const watched = [...propertiesOf(template, 'AWS::CloudWatch::Alarm').values()]
    .filter(({ MetricName }) => MetricName === 'FailedInvocations')
    .map(({ Dimensions }) => plain(Dimensions));
  const rules = Object.keys(template.findResources('AWS::Events::Rule'));

  expect(watched).toHaveLength(rules.length);
  expect(watched).toEqual(
    expect.arrayContaining(rules.map((id) => [{ Name: 'RuleName', Value: `\${${id.replace(/.{8}$/, '')}}` }])),
  );
});

test.each([...RULES.entries()])(
  'the rule %s is named by its environment, and by nothing that a deploy chooses',
  (_id, rule) => {
    expect(rule.Name).toMatch(/^share-vault-staging-[A-Za-z]{1,34}[A-Za-z0-9]$/);
  },
);

test('without a backup plan, no rule and no alarm is about backups', () => {
  const without = testVault({ backupPlan: false }).template();

  expect(propertiesOf(without, 'AWS::Events::Rule', 'VaultWatchChangesBackup').size).toBe(0);
  expect(propertiesOf(without, 'AWS::CloudWatch::Alarm', 'VaultWatchAlarmsbackup').size).toBe(0);
});

describe("IAM's events", () => {
  const inRegion = (region: string) => {
    const { stack, template: made } = testVault({ availabilityZones: [`${region}a`, `${region}b`] }, stackIn(region));
    return { stack, rules: propertiesOf(made(), 'AWS::Events::Rule', 'VaultWatchChangesRoleChanges') };
  };
  const stackIn = (region: string) => testStack({ env: { account: '111111111111', region } }, cdkApp());
  const WARNING = Match.stringLikeRegexp("changes to the vault's roles raise no alarm in eu-west-1");

  test.each(['us-east-1', 'us-gov-west-1', 'cn-north-1'])('are watched by a vault in %s', (region) => {
    const { stack, rules } = inRegion(region);

    expect(rules.size).toBe(1);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('roles raise no alarm'));
  });

  test('reach no rule in another region, and the synth warns of that', () => {
    const { stack, rules } = inRegion('eu-west-1');

    expect(rules.size).toBe(0);
    Annotations.fromStack(stack).hasWarning('/Test/Vault/Watch/Changes', WARNING);
  });

  test('are watched by a vault whose region is known only at deploy, and the synth names the right region', () => {
    const { stack, template: made } = testVault();

    expect(propertiesOf(made(), 'AWS::Events::Rule', 'VaultWatchChangesRoleChanges').size).toBe(1);
    Annotations.fromStack(stack).hasInfo('/Test/Vault/Watch/Changes', Match.stringLikeRegexp('in us-east-1 only'));
  });
});
