import { isDeepStrictEqual } from 'node:util';
import { type Check, both, every, is, problems } from './finding';
import { changeRules } from './change-rules';
import { hasReseal, machineArn } from './reseal';
import { restoreMachineArn, testsRestores } from './restore-testing';
import { type Resource, type VaultTemplate, at, list, ofType } from './template';
import { hasBucket } from './tombstones';

const ALARM = 'AWS::CloudWatch::Alarm';
const OURS = '${VaultWatchAlarmTopic}';
const WITH_ACTORS = ['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'];
/** Functions of which each refused call is worth a look. */
const INTOLERANT = ['freeze', 'thaw'];
/** Returns nine tenths of a timeout, in milliseconds; the webhook of a vault that pauses may take longer. */
const nearTimeout = (name: string, environment: string): number => {
  if (name === 'migrate') return 702_000;
  if (name === 'reseal') return 378_000;
  if (name === 'restore-check') return 540_000;
  if (name === 'receive') return environment === 'dev' ? 23_400 : 3_600;
  return 27_000;
};
const GIB = 1_073_741_824;

/** Each alarm notifies the vault's topic: an alarm without a receiver is useless. */
export const alarmsTellSomeone = both(
  every(ALARM, ['AlarmActions'], is([OURS])),
  every(ALARM, ['ActionsEnabled'], { expected: 'not false', holds: (value) => value !== false }),
);

/** The metric, the dimensions and the threshold of an alarm. An anomaly band takes the place of a threshold. */
interface Reviewed {
  /** namespace, name and statistic */
  readonly metric: string;
  readonly of: Readonly<Record<string, string>>;
  readonly from: number | string;
  /** what counts while nothing is measured @default - that nothing is wrong */
  readonly missing?: unknown;
}

/** A band of four standard deviations. */
const BAND = 'ANOMALY_DETECTION_BAND(m0, 4)';

/** Returns every alarm by its id, with its metric and threshold. */
function reviewed(template: VaultTemplate): Readonly<Record<string, Reviewed>> {
  const { environment } = template;
  const fn = (name: string) => ({ FunctionName: `share-vault-${environment}-${name}` });
  const counted = (name: string) => ({ environment, function: name });
  const api = { ApiId: '${VaultWebhookApi}', Stage: '$default' };
  const database = { DBClusterIdentifier: '${VaultDatabaseCluster}' };
  const common = (name: string): readonly (readonly [string, Reviewed])[] => [
    [`${name}Throttles`, { metric: 'AWS/Lambda Throttles Sum', of: fn(name), from: 1 }],
    [`${name}Duration`, { metric: 'AWS/Lambda Duration Maximum', of: fn(name), from: nearTimeout(name, environment) }],
  ];
  const ofActors = WITH_ACTORS.flatMap((name): readonly (readonly [string, Reviewed])[] => [
    ...common(name),
    [`${name}Failed`, { metric: 'ShareVault Failed Sum', of: counted(name), from: 1 }],
    [
      `${name}Refused`,
      { metric: 'ShareVault Refused Sum', of: counted(name), from: INTOLERANT.includes(name) ? 1 : 10 },
    ],
    [`${name}Tampered`, { metric: 'ShareVault Tampered Sum', of: counted(name), from: 1 }],
  ]);
  const unattended = ['receive', 'migrate'].flatMap((name): readonly (readonly [string, Reviewed])[] => [
    ...common(name),
    [`${name}Errors`, { metric: 'AWS/Lambda Errors Sum', of: fn(name), from: 1 }],
  ]);
  const runs = (name: string): Reviewed => ({
    metric: `AWS/States Executions${name} Sum`,
    of: { StateMachineArn: machineArn(template) },
    from: 1,
  });
  const failed = (rule: string): Reviewed => ({
    metric: 'AWS/Events FailedInvocations Sum',
    of: { RuleName: `\${${rule}}` },
    from: 1,
  });
  const backup = (state: string): Reviewed => ({
    metric: `AWS/Backup NumberOfBackupJobs${state} Sum`,
    of: { BackupVaultName: '${VaultDatabaseBackupVault.BackupVaultName}' },
    from: 1,
  });
  const rotation = rotationDays(template);
  const alarms = {
    ...Object.fromEntries([...ofActors, ...unattended]),
    // a metric that a filter makes of a log has no dimension: its namespace is the environment's
    functionsCrashed: { metric: `ShareVault/${environment} Crashes Sum`, of: {}, from: 1 },
    // the number of freezes in force, which all functions that know it send as one metric
    vaultFrozen: { metric: 'ShareVault Frozen Maximum', of: { environment }, from: 1, missing: 'ignore' },
    thawRequested: { metric: 'ShareVault ThawRequested Sum', of: counted('freeze'), from: 1 },
    thawConfirmed: { metric: 'ShareVault Thawed Sum', of: counted('thaw'), from: 1 },
    thawLogged: { metric: 'ShareVault ThawsLogged Sum', of: counted('migrate'), from: 1 },
    unsealRate: { metric: 'ShareVault Unsealed Sum', of: counted('unseal'), from: BAND },
    webhookServerErrors: { metric: 'AWS/ApiGateway 5xx Sum', of: api, from: 1 },
    webhookClientErrors: { metric: 'AWS/ApiGateway 4xx Sum', of: api, from: BAND },
    webhookRefused: { metric: 'ShareVault Refused Sum', of: counted('receive'), from: 10 },
    migrateUnaudited: { metric: 'ShareVault Unaudited Sum', of: counted('migrate'), from: 1 },
    sweepFailed: failed('VaultMigrationSweep'),
    sweepOverdue: { metric: 'ShareVault Overdue Sum', of: counted('migrate'), from: 1 },
    sweepMissed: {
      ...{ metric: 'ShareVault Answered Sum', of: counted('migrate') },
      ...{ from: 'LessThanThreshold 1 in 2 × 86400 s', missing: 'breaching' },
    },
    ...(hasReseal(template) && {
      ...Object.fromEntries(common('reseal')),
      resealFailed: runs('Failed'),
      resealTimedOut: runs('TimedOut'),
      resealAborted: runs('Aborted'),
      resealTampered: { metric: 'ShareVault Tampered Sum', of: counted('reseal'), from: 1 },
      resealUnresealed: { metric: 'ShareVault Unresealed Sum', of: counted('reseal'), from: 1 },
      resealRotated: failed('VaultResealRotated'),
      vaultStale: { metric: 'ShareVault StaleRecords Minimum', of: { environment }, from: 1, missing: 'ignore' },
      ...(rotation !== undefined && {
        // a week after the next rotation's time
        vaultOldMaterial: {
          metric: 'ShareVault OldestMaterialDays Maximum',
          of: { environment },
          from: rotation + 7,
          missing: 'ignore',
        },
      }),
    }),
    ...(testsRestores(template) && {
      ...Object.fromEntries(common('restore-check').map(([id, alarm]) => [id.replace('-', ''), alarm])),
      restorecheckErrors: { metric: 'AWS/Lambda Errors Sum', of: fn('restore-check'), from: 1 },
      ...Object.fromEntries(
        ['Failed', 'TimedOut', 'Aborted'].map((name) => [
          `restore${name}`,
          { ...runs(name), of: { StateMachineArn: restoreMachineArn(template) } },
        ]),
      ),
      restoreUnproven: {
        ...{ metric: 'ShareVault DaysSinceRestoreTest Maximum', of: { environment }, from: 9 },
        missing: 'ignore',
      },
      restoreRestored: failed('VaultRestoreTestingRestored'),
      restoreCanary: failed('VaultRestoreTestingCanary'),
      RestoreFailuresFailed: failed('VaultWatchAlarmsRestoreFailures'),
    }),
    ...(hasBucket(template) && {
      tombstonesPending: {
        metric: 'ShareVault TombstonesPending Maximum',
        of: { environment },
        from: 1,
        missing: 'ignore',
      },
    }),
    databaseCpu: { metric: 'AWS/RDS CPUUtilization Maximum', of: database, from: 80 },
    databaseCapacity: { metric: 'AWS/RDS ACUUtilization Maximum', of: database, from: 90 },
    databaseConnections: { metric: 'AWS/RDS DatabaseConnections Maximum', of: database, from: 150 },
    databaseStorage: { metric: 'AWS/RDS VolumeBytesUsed Maximum', of: database, from: 100 * GIB },
    databaseFailedLogins: { metric: `ShareVault/${environment} FailedLogins Sum`, of: {}, from: 1 },
    databaseRoleChanges: { metric: `ShareVault/${environment} RoleChanges Sum`, of: {}, from: 1 },
    ...(environment !== 'dev' && { backupFailed: backup('Failed'), backupExpired: backup('Expired') }),
  };
  return Object.fromEntries([
    ...Object.entries(alarms).map(([name, alarm]) => [`VaultWatchAlarms${name}`, alarm] as const),
    ...changeRules(template).map((rule) => [`${rule}Failed`, failed(rule)] as const),
  ]);
}

export const everythingIsAlarmed: Check = (template) => {
  const existing = ofType(template, ALARM).map(({ id }) => id);
  return Object.keys(reviewed(template))
    .filter((id) => !existing.includes(id))
    .map((resource) => ({ resource, problem: 'expected an alarm, got none' }));
};

/**
 * Each alarm measures a metric that exists, at a threshold that can be reached: others would never fire. Only the alarms
 * on freezes, on key material and on tombstones keep their state while nothing is measured: few calls measure these. Only
 * that on a missed sweep fires then.
 */
export const alarmsMeasureTheVault: Check = (template) => {
  const known = reviewed(template);
  return problems(ALARM, ofType(template, ALARM), (alarm) => {
    const wanted = known[alarm.id];
    const missing = at(alarm.properties, 'TreatMissingData');
    const found = {
      metric: metric(alarm),
      of: dimensions(alarm),
      from: threshold(alarm),
      ...(missing !== 'notBreaching' && { missing }),
    };
    return isDeepStrictEqual(found, wanted)
      ? []
      : [`expected it to measure ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`];
  });
};

/** Returns the days after which KMS rotates the share key's material; `undefined` without a share key of the vault's own. */
function rotationDays(template: VaultTemplate): number | undefined {
  const [key] = ofType(template, 'AWS::KMS::Key').filter(({ id }) => id.startsWith('VaultKeysShareKey'));
  return key && Number(at(key.properties, 'RotationPeriodInDays'));
}

/** Returns namespace, name and statistic of the alarm's only metric. */
function metric({ properties }: Resource): string {
  const stat = list(at(properties, 'Metrics')).flatMap((each) => list(at(each, 'MetricStat')));
  const found = [
    ...stat.flatMap((each) => [at(each, 'Metric', 'Namespace'), at(each, 'Metric', 'MetricName'), at(each, 'Stat')]),
    ...['Namespace', 'MetricName', 'Statistic', 'ExtendedStatistic'].map((name) => at(properties, name)),
  ];
  return found.filter((each) => typeof each === 'string').join(' ');
}

/** Returns the dimensions of the alarm's only metric; an alarm with a label or a band has it in a list. */
function dimensions({ properties }: Resource): unknown {
  const metrics = list(at(properties, 'Metrics')).map((each) => at(each, 'MetricStat', 'Metric', 'Dimensions'));
  const found = [at(properties, 'Dimensions'), ...metrics].flatMap(list);
  return Object.fromEntries(found.map((each) => [String(at(each, 'Name')), at(each, 'Value')]));
}

function threshold({ properties }: Resource): unknown {
  const comparison = at(properties, 'ComparisonOperator');
  const [band] = list(at(properties, 'Metrics')).flatMap((each) => list(at(each, 'Expression')));
  if (comparison === 'GreaterThanUpperThreshold') return band;
  if (comparison === 'LessThanThreshold') {
    const [from, periods, seconds] = ['Threshold', 'EvaluationPeriods', 'Period'].map((name) => at(properties, name));
    return `${comparison} ${String(from)} in ${String(periods)} × ${String(seconds)} s`;
  }
  return comparison === 'GreaterThanOrEqualToThreshold' ? at(properties, 'Threshold') : comparison;
}
