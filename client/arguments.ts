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

/** Reads arguments as `readArguments` does, but leaves out members that the request does not have. */
export function readKnownArguments<T>(
  schema: Schema<T> & { readonly entries: object },
  value: unknown,
  name: string,
): T {
  if (typeof value !== 'object' || value === null) return readArguments(schema, value, name);
  const known = Object.entries(value).filter(([member]) => Object.hasOwn(schema.entries, member));
  return readArguments(schema, Object.fromEntries(known), name);
}
