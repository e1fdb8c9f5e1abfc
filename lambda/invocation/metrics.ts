import { RETRYABLE_CODES } from '../contract/codes';
import { METRICS } from '../contract/metrics';
import type { Waiting } from '../contract/swept';

/**
 * The members of a log line that CloudWatch counts, in its embedded metric format. A metric is sent only if there is
 * something to count: each costs by the hour. Source: CloudWatch User Guide, "Specification: Embedded metric format".
 */

/** Codes that no honest call meets: sealed bytes that were changed or moved, or a call past the actors. */
const TAMPERING: ReadonlySet<string> = new Set(['ContextMismatch', 'MessageCorrupt', 'ActorRequired']);

/** Codes that no request causes. One is worth an operator's look, also in a vault that is called once a day. */
const FAILURES: ReadonlySet<string> = new Set<string>([
  // a retry helps only if the request is not the cause
  ...RETRYABLE_CODES,
  'KeyUnavailable',
  'StoreFull',
  'Misconfigured',
  'InternalError',
]);

const THAWS = { requested: METRICS.thawRequested, confirmed: METRICS.thawed } as const;

export interface Outcome {
  readonly environment: string;
  readonly function: string;
  readonly actor?: string | undefined;
  /** absent if the call succeeded */
  readonly code?: string | undefined;
  /** of a migration */
  readonly audited?: boolean | undefined;
  /** of a migration */
  readonly waiting?: Pick<Waiting, 'overdue'> | undefined;
  /** of a migration: months of the access log that should have been archived two days ago */
  readonly overdueLogMonths?: number | undefined;
  /** of an unseal: how many records it opened */
  readonly unsealed?: number | undefined;
  /** of freeze, thaw and a migration: how many freezes are in force */
  readonly frozen?: number | undefined;
  readonly thaw?: 'requested' | 'confirmed' | undefined;
  /** of a migration: records that are not on the share key's newest material, and the age of the oldest one */
  readonly staleRecords?: number | undefined;
  readonly oldestMaterialDays?: number | undefined;
  /** of an unseal: materials that a retiring share key opened */
  readonly openedRetiring?: number | undefined;
  /** of an unseal: those of them whose key no record needed any more */
  readonly openedRetired?: number | undefined;
  /** of a migration: thaws that the log has since the last one */
  readonly thawsLogged?: number | undefined;
  /** of a revocation and a migration: how many tombstones the bucket doesn't have */
  readonly tombstonesPending?: number | undefined;
  /** of a restore check: minutes of the restore and of the backup's age, and days since a test succeeded */
  readonly restoreMinutes?: number | undefined;
  readonly recoveryPointAgeMinutes?: number | undefined;
  readonly daysSinceRestoreTest?: number | undefined;
  /** of a reseal's step: how many records it resealed */
  readonly resealed?: number | undefined;
  /** of a reseal's end: how many records the run could not reseal */
  readonly unresealed?: number | undefined;
}

/** Metrics that count records, not calls. */
const OF_RECORDS = ['unsealed', 'openedRetiring', 'openedRetired', 'resealed', 'unresealed'] as const;

/** States of the vault: one metric each, without the function. 0 is sent too, since it ends the alarm. */
const OF_VAULT = {
  frozen: { name: METRICS.frozen, unit: 'Count' },
  staleRecords: { name: METRICS.stale, unit: 'Count' },
  // CloudWatch has no unit of days
  oldestMaterialDays: { name: METRICS.materialDays, unit: 'None' },
  tombstonesPending: { name: METRICS.tombstonesPending, unit: 'Count' },
  // nor of minutes
  restoreMinutes: { name: METRICS.restoreMinutes, unit: 'None' },
  recoveryPointAgeMinutes: { name: METRICS.recoveryPointAgeMinutes, unit: 'None' },
  daysSinceRestoreTest: { name: METRICS.daysSinceRestoreTest, unit: 'None' },
} as const;
const STATES = [
  ...['frozen', 'staleRecords', 'oldestMaterialDays', 'tombstonesPending'],
  ...['restoreMinutes', 'recoveryPointAgeMinutes', 'daysSinceRestoreTest'],
] as const;

/** The members that make a log line of this outcome a metric as well. */
export function metricsOf(outcome: Outcome, now: number): Readonly<Record<string, unknown>> {
  const { environment, code } = outcome;
  const counted = [...(code === undefined ? [METRICS.answered] : refusals(code)), ...gaps(outcome)];
  const byActor = code === undefined && outcome.actor !== undefined ? ['actor'] : [];
  const records = OF_RECORDS.flatMap((key) =>
    outcome[key] === undefined ? [] : [[METRICS[key], outcome[key]] as const],
  );
  const { thaw, thawsLogged = 0, waiting, overdueLogMonths = 0 } = outcome;
  const overdue = (waiting?.overdue ?? 0) + overdueLogMonths;
  const states = STATES.flatMap((key) => {
    const value = outcome[key];
    return value === undefined ? [] : [{ ...OF_VAULT[key], value }];
  });
  const directives = [
    directive(counted, byActor),
    // without the actor: an alarm can't add the metrics of several
    ...records.map(([name]) => directive([name], [])),
    ...(thaw === undefined ? [] : [directive([THAWS[thaw]], [])]),
    ...(thawsLogged === 0 ? [] : [directive([METRICS.thawsLogged], [])]),
    ...(overdue === 0 ? [] : [directive([METRICS.overdue], [])]),
    ...states.map(({ name, unit }) => directiveBy(['environment'], [name], unit)),
  ];
  const values = Object.fromEntries([...counted.map((name) => [name, 1] as const), ...records]);
  const ofVault = Object.fromEntries(states.map(({ name, value }) => [name, value]));
  const more = {
    ...(thaw !== undefined && { [THAWS[thaw]]: 1 }),
    ...(thawsLogged > 0 && { [METRICS.thawsLogged]: thawsLogged }),
    ...(overdue > 0 && { [METRICS.overdue]: overdue }),
  };
  return { environment, ...values, ...ofVault, ...more, _aws: { Timestamp: now, CloudWatchMetrics: directives } };
}

function directive(names: readonly string[], dimensions: readonly string[]) {
  return directiveBy(['environment', 'function', ...dimensions], names);
}

function directiveBy(dimensions: readonly string[], names: readonly string[], unit: 'Count' | 'None' = 'Count') {
  return {
    Namespace: METRICS.namespace,
    Dimensions: [dimensions],
    Metrics: names.map((Name) => ({ Name, Unit: unit })),
  };
}

function refusals(code: string): readonly string[] {
  if (TAMPERING.has(code)) return [METRICS.refused, METRICS.tampered];
  return FAILURES.has(code) ? [METRICS.refused, METRICS.failed] : [METRICS.refused];
}

function gaps({ audited }: Outcome): readonly string[] {
  return audited === false ? [METRICS.unaudited] : [];
}
