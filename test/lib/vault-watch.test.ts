import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { CRASH_TERMS } from '../../lib/private/log-metrics';
import { secretsManagerBodies } from '../support/body-stores';
import { propertiesOf } from '../support/resources';
import { testVault } from '../support/vault';

const template = testVault({ webhook: {} }).template();
const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));

describe('the alarms', () => {
  test.each([
    ...['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'].flatMap((name) =>
      ['Failed', 'Refused', 'Tampered', 'Throttles', 'Duration'].map((metric) => name + metric),
    ),
    ...['receive', 'migrate'].flatMap((name) => ['Errors', 'Throttles', 'Duration'].map((metric) => name + metric)),
    'functionsCrashed',
    'resealTampered',
    'vaultFrozen',
    'vaultStale',
    'vaultOldMaterial',
    'thawRequested',
    'thawConfirmed',
    'thawLogged',
    'unsealRate',
    'migrateUnaudited',
    'sweepFailed',
    'sweepOverdue',
    'sweepMissed',
    'webhookServerErrors',
    'webhookClientErrors',
    'webhookRefused',
    'databaseCpu',
    'databaseCapacity',
    'databaseConnections',
    'databaseStorage',
    'databaseFailedLogins',
    'databaseRoleChanges',
    'backupFailed',
    'backupExpired',
  ])('have one for %s', (name) => {
    expect(alarms.filter(([id]) => id.startsWith(`VaultWatchAlarms${name}`))).toHaveLength(1);
  });

  test('all act on the topic, also when they return to OK', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^VaultWatchAlarmTopic') }],
      OKActions: [{ Ref: Match.stringLikeRegexp('^VaultWatchAlarmTopic') }],
    });
  });

  test.each([
    ['unseal', 30],
    ['receive', 4],
    ['migrate', 780],
  ])('fire at one call of %s that comes near its %d seconds', (name, seconds) => {
    const [, alarm] = alarms.find(([id]) => id.startsWith(`VaultWatchAlarms${name}Duration`)) ?? [];

    expect(alarm).toMatchObject({ Properties: { Threshold: seconds * 900, EvaluationPeriods: 1 } });
  });

  test('count the crashes of every function with callers in one metric', () => {
    const filters = propertiesOf(template, 'AWS::Logs::MetricFilter').values();
    const counted = [...filters].filter(({ FilterPattern }) => String(FilterPattern).includes('Task timed out'));

    expect(counted.map(({ MetricTransformations }) => MetricTransformations)).toEqual(
      Array(7).fill([{ MetricName: 'Crashes', MetricNamespace: 'ShareVault/staging', MetricValue: '1' }]),
    );
  });

  test.each([
    '2026-11-01T08:00:00.000Z 6f6a Task timed out after 30.03 seconds',
    'RequestId: 6f6a Error: Runtime exited with error: signal: killed Runtime.ExitError',
    '2026-11-01T08:00:00.000Z undefined ERROR Uncaught Exception {"errorType":"Runtime.ImportModuleError"}',
  ])('count the line "%s" as a crash', (line) => {
    expect(CRASH_TERMS.some((term) => line.includes(term))).toBe(true);
  });

  test.each([
    '{"level":"error","event":"refused","function":"unseal","code":"StoreUnavailable","Refused":1,"Failed":1}',
    '2026-11-01T08:00:00.000Z 6f6a ERROR Invoke Error {"errorType":"NotFound","stack":["at Runtime.handleOnce"]}',
    'REPORT RequestId: 6f6a Duration: 20.00 ms Billed Duration: 20 ms Memory Size: 512 MB Status: error',
  ])('count the line "%s" as no crash', (line) => {
    expect(CRASH_TERMS.some((term) => line.includes(term))).toBe(false);
  });

  test.each(['receive', 'migrate'])('treat one error of %s as a failure, since it has no caller', (name) => {
    const [, alarm] = alarms.find(([id]) => id.startsWith(`VaultWatchAlarms${name}Errors`)) ?? [];

    expect(alarm).toMatchObject({ Properties: { Threshold: 1, EvaluationPeriods: 1 } });
  });

  test('on freezes keeps its state between calls, and starts at the first freeze', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-vault-Frozen',
      Namespace: 'ShareVault',
      MetricName: 'Frozen',
      Dimensions: [{ Name: 'environment', Value: 'staging' }],
      Statistic: 'Maximum',
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'ignore',
    });
  });

  test('on stale records fires if a day did not bring them to the present material', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-vault-Stale',
      MetricName: 'StaleRecords',
      Dimensions: [{ Name: 'environment', Value: 'staging' }],
      Statistic: 'Minimum',
      Period: 86_400,
      Threshold: 1,
      EvaluationPeriods: 2,
      TreatMissingData: 'ignore',
    });
  });

  test.each([
    [undefined, 97],
    [Duration.days(365), 372],
  ])('on old material fires a week after the time of a rotation: period %s, %d days', (rotationPeriod, days) => {
    const made = rotationPeriod === undefined ? template : testVault({ rotationPeriod }).template();
    made.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-vault-OldMaterial',
      MetricName: 'OldestMaterialDays',
      Dimensions: [{ Name: 'environment', Value: 'staging' }],
      Statistic: 'Maximum',
      Period: 86_400,
      Threshold: days,
      EvaluationPeriods: 1,
      TreatMissingData: 'ignore',
    });
  });

  test('on key material are none of a vault that can not reseal', () => {
    const without = testVault({ bodyStore: secretsManagerBodies() }).template();
    const names = [...propertiesOf(without, 'AWS::CloudWatch::Alarm').values()].map(({ AlarmName }) =>
      String(AlarmName),
    );

    expect(names.filter((name) => /vault-(Stale|OldMaterial)$/.test(name))).toEqual([]);
  });

  test.each([
    ['ThawRequested', 'freeze'],
    ['Thawed', 'thaw'],
    ['ThawsLogged', 'migrate'],
  ])('report each call that %s counts', (metric, fn) => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: metric,
      Dimensions: Match.arrayWith([{ Name: 'function', Value: fn }]),
      Statistic: 'Sum',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test.each([
    ['unseal', 10],
    ['freeze', 1],
    ['thaw', 1],
  ])('of refused calls of %s start at %d', (name, threshold) => {
    const [, alarm] = alarms.find(([id]) => id.startsWith(`VaultWatchAlarms${name}Refused`)) ?? [];

    expect(alarm).toMatchObject({ Properties: { Threshold: threshold, EvaluationPeriods: 1 } });
  });

  test('report a migration that leaves the database without an audit', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'ShareVault',
      MetricName: 'Unaudited',
      Dimensions: Match.arrayWith([{ Name: 'function', Value: 'migrate' }]),
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('report a sweep that did not succeed for two days, or left what it should have destroyed', () => {
    const ofMigrate = [
      { Name: 'environment', Value: 'staging' },
      { Name: 'function', Value: 'migrate' },
    ];
    template.hasResource('AWS::CloudWatch::Alarm', {
      Properties: {
        AlarmName: 'share-vault-staging-sweep-Missed',
        MetricName: 'Answered',
        Dimensions: ofMigrate,
        Period: 86_400,
        EvaluationPeriods: 2,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      },
      // otherwise it would fire at the first deploy
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^VaultMigrationTrigger')]),
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'share-vault-staging-sweep-Overdue',
      MetricName: 'Overdue',
      Dimensions: ofMigrate,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });

  test("report a sweep that the schedule could not start, and failures of the webhook's own API", () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: { Ref: Match.stringLikeRegexp('^VaultMigrationSweep') } }],
      Threshold: 1,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/ApiGateway',
      MetricName: '5xx',
      Dimensions: [
        { Name: 'ApiId', Value: { Ref: Match.stringLikeRegexp('^VaultWebhookApi') } },
        { Name: 'Stage', Value: Match.anyValue() },
      ],
      Statistic: 'Sum',
    });
  });

  test.each([
    ['Refused', 'unseal', 'unsealRefused'],
    ...['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'].flatMap((name) => [
      ['Tampered', name, `${name}Tampered`],
      ['Failed', name, `${name}Failed`],
    ]),
    ['Refused', 'receive', 'webhookRefused'],
  ])('count %s in the lines that %s logs', (metric, fn, name) => {
    const [, alarm] = alarms.find(([id]) => id.startsWith(`VaultWatchAlarms${name}`)) ?? [];

    expect(alarm).toMatchObject({
      Properties: {
        Namespace: 'ShareVault',
        MetricName: metric,
        Dimensions: [
          { Name: 'environment', Value: 'staging' },
          { Name: 'function', Value: fn },
        ],
      },
    });
  });
});
