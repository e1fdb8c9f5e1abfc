import { DatabaseError } from 'pg';
import { VaultError } from '../contract/errors';

/** The SQLSTATEs that the vault's own functions raise; their messages are the vault's own and hold no value. */
const OWN_CODES = new Map([
  ['SV001', 'Conflict'],
  ['SV002', 'Revoked'],
  // a ticket that came too late: the next try gets another
  ['SV003', 'StoreUnavailable'],
  ['SV005', 'VersionConflict'],
  ['SV006', 'StaleWalletProperties'],
  ['SV007', 'NotFound'],
  ['SV008', 'Frozen'],
] as const);

/**
 * The connection can't be used again: the server shuts down, crashed, is starting, became a reader in a failover, or
 * ended an idle session.
 */
const LOST = /^(08...|57P0[1-5]|25006)$/;
/** Resources, cancellations and locks: the connection lives, and another try may succeed. */
const BUSY = /^(53...|57014|55P03|40001|40P01)$/;
const TOO_MANY_CONNECTIONS = '53300';
/** Node's codes for a host that is temporarily unreachable. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** `pg` has no codes for these. */
const BROKEN_OFF =
  /^(Connection terminated|Query read timeout|timeout expired|timeout exceeded|Client has encountered a connection error)/;

/** Whether the connection that a query ran on is gone, so that it may be run again on a new one. */
export function lostConnection(error: unknown): boolean {
  if (error instanceof DatabaseError) return LOST.test(error.code ?? '');
  return unreachable(error);
}

/** Whether another attempt to connect may succeed soon; refused credentials and certificates do not mend by waiting. */
export function isTransientConnectError(error: unknown): boolean {
  // the password could not be had: a policy that was just changed takes minutes to apply
  if (error instanceof VaultError) return error.name === 'StoreUnavailable';
  if (error instanceof DatabaseError) return LOST.test(error.code ?? '') || BUSY.test(error.code ?? '');
  return unreachable(error);
}

/** Returns whether the server, or the role, has no connection left: a later call may get one. */
export function isFull(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS;
}

/** Returns the vault's error for a SQLSTATE and a message of its own functions; `undefined` for another state. */
export function ownError(state: string | undefined, message: string, cause?: unknown): VaultError | undefined {
  const own = [...OWN_CODES].find(([known]) => known === state);
  return own && new VaultError(own[1], message, { cause });
}

/** Returns the vault's error for a failed query. It never holds a parameter; `cause` is the caught error. */
export function queryError(cause: unknown): VaultError {
  if (lostConnection(cause)) return unavailable('a connection that lasts', cause);
  if (!(cause instanceof DatabaseError)) return internal(cause);
  const own = ownError(cause.code, cause.message, cause);
  if (own !== undefined) return own;
  return BUSY.test(cause.code ?? '') ? unavailable('a response', cause) : internal(cause);
}

/** Returns the vault's error for a failed connect; an error of reading the password is returned unchanged. */
export function connectError(cause: unknown): VaultError {
  return cause instanceof VaultError ? cause : unavailable('a connection', cause);
}

/** Returns the SQLSTATE that the vault's error was made for; undefined if the server reported none. */
export function stateOf({ cause }: VaultError): string | undefined {
  return cause instanceof DatabaseError ? cause.code : undefined;
}

/** Returns the error for an expired time limit. */
export function timeoutError(): VaultError {
  return new VaultError('StoreUnavailable', 'expected a response from the database in time, got none');
}

function unavailable(expected: string, cause: unknown): VaultError {
  return new VaultError('StoreUnavailable', `expected ${expected} from the database, got ${reason(cause)}`, { cause });
}

function internal(cause: unknown): VaultError {
  return new VaultError('InternalError', `expected the database to accept the call, got ${reason(cause)}`, { cause });
}

/** A code, never a message: the server's may quote values. */
function reason(error: unknown): string {
  const code = codeOf(error);
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'an error without a code';
}

function unreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  // every address of a name was tried
  if ('errors' in error && Array.isArray(error.errors) && error.errors.some(unreachable)) return true;
  return UNREACHABLE.has(codeOf(error)) || ('message' in error && BROKEN_OFF.test(String(error.message)));
}

// structural, as errors of Node's own may come from another realm
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
