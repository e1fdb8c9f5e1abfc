import { VaultError } from '../../contract/errors';
import { UUID_PATTERN } from '../../contract/patterns';
import { shapeFailure } from '../../remote/failure';
import type { RemoteResponse } from '../../remote/request';

/** Parts of the services that store bodies. */

/** Waits for a call; the codes of its failures are those of keys, and become those of a store. */
export async function asStore<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof VaultError) || !error.name.startsWith('Key')) throw error;
    throw new VaultError('StoreUnavailable', error.message, { cause: error.cause });
  }
}

/** Returns a member of a response's JSON at a path of names; `undefined` if there is none. */
export function memberOf({ body }: RemoteResponse, ...path: readonly string[]): unknown {
  return path.reduce(childOf, parse(body));
}

export function childOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** Returns a text at a path. Throws as `shapeFailure` for anything else. */
export function textAt(response: RemoteResponse, service: string, ...path: readonly string[]): string {
  const value = memberOf(response, ...path);
  if (typeof value === 'string') return value;
  throw shapeFailure(service, path.join('.'));
}

/** Returns the objects of a list at a path, none if it is absent. Throws as `shapeFailure` for anything else. */
export function listAt(response: RemoteResponse, service: string, ...path: readonly string[]): readonly unknown[] {
  const value = memberOf(response, ...path) ?? [];
  if (Array.isArray(value)) return value;
  throw shapeFailure(service, path.join('.'));
}

/** Returns the bytes of a text in padded base64. Throws as `shapeFailure` for another text. */
export function bytesOf(text: string, service: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  throw shapeFailure(service, 'base64');
}

export function jsonBody(members: object): Buffer {
  return Buffer.from(JSON.stringify(members));
}

/** Returns the record's id in a name of an entry; `undefined` for a name of something else. */
export function recordIdIn(name: unknown, prefix: string): string | undefined {
  const id = typeof name === 'string' && name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return UUID_PATTERN.test(id) ? id : undefined;
}

/** Throws `Conflict`: the entry exists already. */
export function refuseExisting(): never {
  throw new VaultError('Conflict', 'expected a fresh name in the body store, got an existing one');
}
