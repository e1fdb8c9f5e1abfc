import { VaultError } from '../contract/errors';

/** Returns the members of a JSON object, `undefined` for any other value; `__proto__` is a name like any other. */
export function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

/** Returns the fault of a set of names, if any; an unknown name is not repeated, since it is the sender's own text. */
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
