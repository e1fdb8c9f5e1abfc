import { parseJson } from '../requests/json';
import { membersOf, rejected } from './members';

/** Reads a protected header: a JSON object without an object or a list in it. Throws `TransportRejected`. */
export function parseHeader(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  const refuse = (expected: string, got: string) => rejected(`header: expected ${expected}, got ${got}`);
  const members = membersOf(parseJson(bytes, { maxDepth: 1, refuse }));
  if (members === undefined) throw refuse('a JSON object', 'another value');
  return members;
}
