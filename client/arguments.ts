import { type Schema, readBy } from '../lambda/contract/schema';

/**
 * Reads a call's arguments by the schema that the vault reads the request by, before anything is sent. Throws one
 * `TypeError` that names every wrong member, and quotes no value.
 *
 * @param name of the call, such as `unseal`
 */
export function readArguments<T>(schema: Schema<T>, value: unknown, name: string): T {
  return readBy(schema, value, { name: 'input' }, (message) => new TypeError(`arguments of ${name}: ${message}`));
}
