import type { ErrorCode, WebhookCode } from '../contract/codes';
import { metricsOf } from './metrics';

/**
 * Everything that a log line may hold. No field takes free text from a request, an id of a user or a wallet, or
 * anything that was ever encrypted: what is not named here can't be logged.
 */
export interface LogFields {
  /** the vault's, or `unknown` where the function's environment does not say */
  readonly environment: string;
  readonly function: string;
  /** Lambda's request id */
  readonly requestId: string;
  readonly actor?: string | undefined;
  readonly recordId?: string | undefined;
  /** of a webhook's delivery: what kind of event it was, a plain word, and what it was answered with */
  readonly webhookEvent?: string | undefined;
  readonly outcome?: WebhookCode | undefined;
  readonly code?: ErrorCode | undefined;
  /** a VaultError's message: written by the vault, never holding a value */
  readonly problem?: string | undefined;
  /** the class of what was caught, such as `ECONNREFUSED`: letters, digits and `_.-` alone */
  readonly cause?: string | undefined;
  /** of a migration: whether the database's log gets every access to the vault's tables past its functions */
  readonly audited?: boolean | undefined;
  /** of a migration: its own sentences, with names of database roles, their settings and databases */
  readonly warnings?: readonly string[] | undefined;
  readonly milliseconds?: number | undefined;
}

/** Writes one JSON line, which CloudWatch also counts. */
export function log(level: 'info' | 'error', event: string, fields: LogFields): void {
  process.stdout.write(`${JSON.stringify({ level, event, ...fields, ...metricsOf(fields, Date.now()) })}\n`);
}

/** The short name of what was caught, for the log: a system or SQL code, else the error's name, if it is a plain word. */
export function causeName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[\w.-]{1,64}$/.test(name) ? name : undefined;
}
