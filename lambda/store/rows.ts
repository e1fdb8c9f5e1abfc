import { VaultError } from '../contract/errors';
import type { Row } from './session';

/** Readers of a row's columns. A column of another type is a fault of the vault's own: `InternalError`. */

export function text(row: Row, column: string): string {
  return optionalText(row, column) ?? missing(column);
}

export function optionalText(row: Row, column: string): string | undefined {
  const value = row[column] ?? undefined;
  return value === undefined || typeof value === 'string' ? value : missing(column);
}

export function bytes(row: Row, column: string): Buffer {
  return optionalBytes(row, column) ?? missing(column);
}

export function optionalBytes(row: Row, column: string): Buffer | undefined {
  const value = row[column] ?? undefined;
  return value === undefined || Buffer.isBuffer(value) ? value : missing(column);
}

export function time(row: Row, column: string): Date {
  return optionalTime(row, column) ?? missing(column);
}

export function optionalTime(row: Row, column: string): Date | undefined {
  const value = row[column] ?? undefined;
  return value === undefined || value instanceof Date ? value : missing(column);
}

export function flag(row: Row, column: string): boolean {
  return optionalFlag(row, column) ?? missing(column);
}

export function optionalFlag(row: Row, column: string): boolean | undefined {
  const value = row[column] ?? undefined;
  return value === undefined || typeof value === 'boolean' ? value : missing(column);
}

/** Bytes that the database wrote in hex, as it does within JSON. */
export function optionalHex(row: Row, column: string): Buffer | undefined {
  const value = optionalText(row, column);
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'hex');
  return bytes.length * 2 === value.length ? bytes : missing(column);
}

/** A time within JSON, ISO 8601. */
export function instant(row: Row, column: string): Date {
  const value = new Date(text(row, column));
  return Number.isNaN(value.getTime()) ? missing(column) : value;
}

/** A column of texts. */
export function texts(row: Row, column: string): readonly string[] {
  const value = row[column];
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : missing(column);
}

/** A column with a list of JSON objects. */
export function objects(row: Row, column: string): readonly Row[] {
  const value = row[column];
  const list: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  return list?.every(isRow) === true ? list : missing(column);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** A count; `pg` gives bigint as text. */
export function count(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : missing(column);
}

/** Returns the only row of a result; throws if it has none or more. */
export function only(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new VaultError('InternalError', `expected one row from the database, got ${rows.length}`);
  }
  return row;
}

function missing(column: string): never {
  throw new VaultError('InternalError', `expected a value of its type in column ${column}, got another`);
}
