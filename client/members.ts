import { ShareVaultError } from './errors';

/** Reading the members of a JSON object. Each reader throws `AnswerRejected` that names the member, never its value. */
export type Members = Readonly<Record<string, unknown>>;
type Reader<T> = (members: Members, name: string) => T;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function membersOf(value: unknown): Members {
  if (typeof value !== 'object') throw rejected('expected an object');
  return { ...value };
}

export function text(members: Members, name: string): string {
  const value = members[name];
  return typeof value === 'string' ? value : refuse(name, 'a string');
}

export function uuid(members: Members, name: string): string {
  const value = text(members, name);
  return UUID.test(value) ? value : refuse(name, 'a UUID');
}

export function whole(members: Members, name: string): number {
  const value = members[name];
  const valid = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return valid ? value : refuse(name, 'a whole number');
}

export function truth(members: Members, name: string): boolean {
  const value = members[name];
  return typeof value === 'boolean' ? value : refuse(name, 'true or false');
}

export function oneOf<T extends string>(members: Members, name: string, values: readonly T[]): T {
  const value = members[name];
  return values.find((each) => each === value) ?? refuse(name, values.join(' or '));
}

export function list<T>(members: Members, name: string, read: (members: Members) => T): readonly T[] {
  const value = members[name];
  return Array.isArray(value) ? value.map((item) => read(membersOf(item))) : refuse(name, 'a list');
}

/** An object with the member, or without where there is none. */
export function optional<K extends string, T>(
  members: Members,
  name: K,
  read: Reader<T>,
): Readonly<Partial<Record<K, T>>> {
  const none: Partial<Record<K, T>> = {};
  return members[name] === undefined ? none : Object.assign(none, { [name]: read(members, name) });
}

export function rejected(message: string): ShareVaultError {
  return new ShareVaultError('AnswerRejected', `answer: ${message}`);
}

function refuse(name: string, expected: string): never {
  throw rejected(`${name}: expected ${expected}`);
}
