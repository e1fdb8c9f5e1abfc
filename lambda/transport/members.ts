import { VaultError } from '../contract/errors';

/** The members of a JSON value that is an object, `undefined` for any other; `__proto__` is a name like any other. */
export function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

/** What is wrong with a set of names; what the sender called a member that nobody knows is not repeated. */
export function memberProblem(
  members: ReadonlyMap<string, unknown>,
  required: readonly string[],
  optional: readonly string[] = [],
): string | undefined {
  const missing = required.find((name) => !members.has(name));
  if (missing !== undefined) return `expected a member ${missing}, got none`;
  const known = new Set([...required, ...optional]);
  return [...members.keys()].every((name) => known.has(name)) ? undefined : 'expected no other member, got one';
}

/** An error for input that can't be accepted. The message names a part or a member, never a value. */
export function rejected(message: string): VaultError {
  return new VaultError('TransportRejected', message);
}
