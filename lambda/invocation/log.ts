import type { ErrorCode, WebhookCode } from '../contract/codes';
import type { Waiting } from '../contract/swept';
import { metricsOf } from './metrics';

/**
 * The fields of a log line; no other field can be logged. None holds free text of a request, an id of a user or a wallet,
 * or a value that was ever encrypted.
 */
export interface LogFields {
  /** the vault's, or `unknown` if the setting is malformed */
  readonly environment: string;
  readonly function: string;
  /** Lambda's request id */
  readonly requestId: string;
  readonly actor?: string | undefined;
  readonly recordId?: string | undefined;
  /** of a webhook's delivery: the event's name, a plain word, and the response's code */
  readonly webhookEvent?: string | undefined;
  readonly outcome?: WebhookCode | undefined;
  readonly code?: ErrorCode | undefined;
  /** a VaultError's message: written by the vault, never holding a value */
  readonly problem?: string | undefined;
  /** the name of the caught error, such as `ECONNREFUSED`: only letters, digits and `_.-` */
  readonly cause?: string | undefined;
  /** of a migration: whether the database's log gets every access to the vault's tables past its functions */
  readonly audited?: boolean | undefined;
  /** of a migration or an unseal: its own sentences, with names of database roles, their settings, databases and recovery keys */
  readonly warnings?: readonly string[] | undefined;
  /** of a migration: counts and times of items that wait to be destroyed */
  readonly waiting?: Waiting | undefined;
  /** of a migration of a vault with a retention of the log: months that should have been archived two days ago */
  readonly overdueLogMonths?: number | undefined;
  /** of an unseal: the records whose materials the response holds */
  readonly unsealed?: number | undefined;
  /** of an unseal: materials that a retiring share key opened */
  readonly openedRetiring?: number | undefined;
  /** of an unseal: those of them whose key no record needed any more */
  readonly openedRetired?: number | undefined;
  /** of a migration: thaws that the log has since the last one */
  readonly thawsLogged?: number | undefined;
  /** of a migration: records that are not on the share key's newest material, and the days of the oldest one in use */
  readonly staleRecords?: number | undefined;
  readonly oldestMaterialDays?: number | undefined;
  /** of freeze, thaw and a migration: how many freezes are in force */
  readonly frozen?: number | undefined;
  /** of a thaw: whether it was requested or, by another actor, confirmed */
  readonly thaw?: 'requested' | 'confirmed' | undefined;
  /** of a revocation and a migration of a vault with a bucket for them: how many tombstones it doesn't have */
  readonly tombstonesPending?: number | undefined;
  /** why the bucket didn't get one */
  readonly tombstoneFailure?: ErrorCode | undefined;
  /** of a reseal: the name of the execution */
  readonly run?: string | undefined;
  /** of a reseal's step: records that are under the present key and material now */
  readonly resealed?: number | undefined;
  /** of a reseal's end: records that the run could not reseal */
  readonly unresealed?: number | undefined;
  /** of a reseal's end: SHA-256 of the receipt, hex */
  readonly receipt?: string | undefined;
  /** of a restore check: AWS Backup's id of the job, and the result */
  readonly restoreJob?: string | undefined;
  readonly restoreTest?: 'SUCCESSFUL' | 'FAILED' | undefined;
  /** of a restore check: the job's minutes, and those between the backup and the job */
  readonly restoreMinutes?: number | undefined;
  readonly recoveryPointAgeMinutes?: number | undefined;
  /** of a restore check: whole days since the newest successful one */
  readonly daysSinceRestoreTest?: number | undefined;
  readonly milliseconds?: number | undefined;
}

/** Writes one JSON line; CloudWatch counts its metrics. */
export function log(level: 'info' | 'error', event: string, fields: LogFields): void {
  process.stdout.write(`${JSON.stringify({ level, event, ...fields, ...metricsOf(fields, Date.now()) })}\n`);
}

/** Returns the short name of a caught error for the log: a system or SQL code, else its name, if that is a plain word. */
export function causeName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[\w.-]{1,64}$/.test(name) ? name : undefined;
}
