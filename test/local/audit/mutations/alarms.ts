import { append, drop, remove, set } from '../../../support/mutate';
import { at } from '../../../../local/audit/checks/template';
import { type Defect, POLICY, sid } from './defect';

const TOPIC = 'VaultWatchAlarmTopic';
const ALARM = 'VaultWatchAlarmsunsealRefused';

/** Alarms, the rules that report changes, and the topic. */
export const ALARM_DEFECTS: readonly Defect[] = [
  {
    defect: 'an alarm tells nobody',
    mutation: remove(ALARM, ['Properties', 'AlarmActions']),
    caughtBy: { alarmsTellSomeone: [ALARM] },
  },
  {
    defect: 'an alarm is switched off',
    mutation: set(ALARM, ['Properties', 'ActionsEnabled'], false),
    caughtBy: { alarmsTellSomeone: [ALARM] },
  },
  {
    defect: 'refused unseals are not alarmed',
    mutation: drop(ALARM),
    caughtBy: { everythingIsAlarmed: [ALARM] },
  },
  {
    defect: 'the duration that is alarmed is the median',
    mutation: set('VaultWatchAlarmsunsealDuration', ['Properties', 'Metrics', 0, 'MetricStat', 'Stat'], 'p50'),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsunsealDuration'] },
  },
  {
    defect: 'calls are counted where throttles should be',
    mutation: set(
      'VaultWatchAlarmsunsealThrottles',
      ['Properties', 'Metrics', 0, 'MetricStat', 'Metric', 'MetricName'],
      'Invocations',
    ),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsunsealThrottles'] },
  },
  {
    defect: 'the capacity that is alarmed is the processor',
    mutation: set('VaultWatchAlarmsdatabaseCapacity', ['Properties', 'MetricName'], 'CPUUtilization'),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsdatabaseCapacity'] },
  },
  {
    defect: 'the band of unseals takes everything in',
    mutation: set(
      'VaultWatchAlarmsunsealRate',
      ['Properties', 'Metrics', 0, 'Expression'],
      'ANOMALY_DETECTION_BAND(m0, 40)',
    ),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsunsealRate'] },
  },
  {
    defect: 'a URL for a function is not reported',
    mutation: remove('VaultWatchChangesFunctionChanges', [
      ...['Properties', 'EventPattern', 'detail', 'eventName'],
      (name) => at(name, 'prefix') === 'CreateFunctionUrlConfig',
    ]),
    caughtBy: { changesAreReported: ['VaultWatchChangesFunctionChanges'] },
  },
  {
    defect: 'changes of keys are not reported',
    mutation: set('VaultWatchChangesKeyChanges', ['Properties', 'State'], 'DISABLED'),
    caughtBy: { changesAreReported: ['VaultWatchChangesKeyChanges'] },
  },
  {
    defect: 'the deletion of a key is not reported',
    mutation: remove('VaultWatchChangesKeyChanges', [
      ...['Properties', 'EventPattern', 'detail', 'eventName'],
      (name) => name === 'ScheduleKeyDeletion',
    ]),
    caughtBy: { changesAreReported: ['VaultWatchChangesKeyChanges'] },
  },
  {
    defect: 'nothing watches the rules that report changes',
    mutation: set('VaultWatchChangesRuleChanges', ['Properties', 'State'], 'DISABLED'),
    caughtBy: { changesAreReported: ['VaultWatchChangesRuleChanges'] },
  },
  {
    defect: 'a rule that cannot reach the topic is not alarmed',
    mutation: drop('VaultWatchChangesKeyChangesFailed'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchChangesKeyChangesFailed'] },
  },
  {
    defect: 'a request to thaw is not alarmed',
    mutation: drop('VaultWatchAlarmsthawRequested'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmsthawRequested'] },
  },
  {
    defect: 'the alarm on freezes ends a minute after the freeze',
    mutation: set('VaultWatchAlarmsvaultFrozen', ['Properties', 'TreatMissingData'], 'notBreaching'),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsvaultFrozen'] },
  },
  {
    defect: 'the alarm on old material waits for a second rotation',
    mutation: set('VaultWatchAlarmsvaultOldMaterial', ['Properties', 'Threshold'], 187),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsvaultOldMaterial'] },
  },
  {
    defect: 'the alarm on stale records adds the days up',
    mutation: set('VaultWatchAlarmsvaultStale', ['Properties', 'Statistic'], 'Sum'),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsvaultStale'] },
  },
  {
    defect: 'a vault has no alarm on stale records',
    mutation: drop('VaultWatchAlarmsvaultStale'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmsvaultStale'] },
  },
  {
    defect: 'ten refused calls of freeze are tolerated',
    mutation: set('VaultWatchAlarmsfreezeRefused', ['Properties', 'Threshold'], 10),
    caughtBy: { alarmsMeasureTheVault: ['VaultWatchAlarmsfreezeRefused'] },
  },
  {
    defect: 'tampering is alarmed for unseal only',
    mutation: drop('VaultWatchAlarmssealTampered'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmssealTampered'] },
  },
  {
    defect: 'failed backups are not alarmed',
    mutation: drop('VaultWatchAlarmsbackupFailed'),
    caughtBy: { everythingIsAlarmed: ['VaultWatchAlarmsbackupFailed'] },
  },
  {
    defect: 'everyone may publish alarms',
    mutation: append('VaultWatchAlarmTopicPolicy', POLICY, {
      Effect: 'Allow',
      Principal: '*',
      Action: 'sns:Publish',
      Resource: { Ref: 'VaultWatchAlarmTopicD929D295' },
    }),
    caughtBy: { topicNamesItsPublishers: ['VaultWatchAlarmTopicPolicy'] },
  },
  {
    defect: 'the topic asks EventBridge for an account, which it does not send',
    mutation: set('VaultWatchAlarmTopicPolicy', [...POLICY, sid('AllowAlarmsFromEventBridge'), 'Condition'], {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    }),
    caughtBy: { topicNamesItsPublishers: ['VaultWatchAlarmTopicPolicy'] },
  },
  {
    defect: 'no event rule may publish alarms',
    mutation: remove('VaultWatchAlarmTopicPolicy', [...POLICY, sid('AllowAlarmsFromEventBridge')]),
    caughtBy: { topicNamesItsPublishers: ['VaultWatchAlarmTopicPolicy'] },
  },
  {
    defect: 'alarms travel unencrypted',
    mutation: remove('VaultWatchAlarmTopicPolicy', [...POLICY, sid('AllowPublishThroughSSLOnly')]),
    caughtBy: { topicTakesTlsAlone: [TOPIC] },
  },
  {
    defect: 'alarms lie unencrypted',
    mutation: remove(TOPIC, ['Properties', 'KmsMasterKeyId']),
    caughtBy: { topicIsEncrypted: [TOPIC] },
  },
];
