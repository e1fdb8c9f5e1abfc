import { type InboundHeader, TRANSPORT_IN } from '../contract/transport';
import { LIMITS } from '../contract/limits';
import { TRANSPORT_ID_PATTERN } from '../contract/patterns';
import type { RsaKey } from '../keys/provider';
import { parseJson } from '../requests/json';
import { memberProblem, membersOf, rejected } from './members';

/** The request's members that the header must repeat; `userId` is empty if the request has none. */
export type InboundBinding = Pick<InboundHeader, 'env' | 'kind' | 'field' | 'walletId' | 'userId' | 'chain'>;

/** The results of checking a header. */
export interface InboundClaims {
  readonly key: RsaKey;
  /** the header's `jti` */
  readonly transportId: string;
}

const BOUND = [
  'env',
  'kind',
  'field',
  'walletId',
  'userId',
  'chain',
] as const satisfies readonly (keyof InboundBinding)[];
const MEMBERS = [
  'alg',
  'enc',
  'typ',
  'kid',
  ...BOUND,
  'iat',
  'jti',
] as const satisfies readonly (keyof InboundHeader)[];

/**
 * Checks a protected header against the request. Throws `TransportRejected` that names the first wrong member. Nothing in
 * the header is authentic until the ciphertext has opened.
 */
export function checkInboundHeader(
  header: Uint8Array,
  binding: InboundBinding,
  keys: ReadonlyMap<string, RsaKey>,
  nowMs: number,
): InboundClaims {
  const members = parseHeader(header);
  const problem = memberProblem(members, MEMBERS);
  if (problem !== undefined) throw rejected(`header: ${problem}`);
  requireEqual(members, 'alg', 'RSA-OAEP-256');
  requireEqual(members, 'enc', 'A256GCM');
  requireEqual(members, 'typ', TRANSPORT_IN);
  for (const name of BOUND) requireEqual(members, name, binding[name], `the request's ${name}`);
  requireRecent(members.get('iat'), nowMs);
  return { key: keyNamed(members.get('kid'), keys), transportId: readTransportId(members.get('jti')) };
}

/** Reads a protected header: a JSON object without an object or a list in it. Throws `TransportRejected`. */
export function parseHeader(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  const refuse = (expected: string, got: string) => rejected(`header: expected ${expected}, got ${got}`);
  const members = membersOf(parseJson(bytes, { maxDepth: 1, refuse }));
  if (members === undefined) throw refuse('a JSON object', 'another value');
  return members;
}

function requireEqual(members: ReadonlyMap<string, unknown>, name: string, value: string, called = value): void {
  if (members.get(name) !== value) throw rejected(`header: expected ${called} as ${name}, got another value`);
}

function requireRecent(iat: unknown, nowMs: number): void {
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat)) {
    throw rejected('header: expected whole seconds since 1970 as iat, got another value');
  }
  const age = nowMs / 1_000 - iat;
  const { transportAgeSeconds: oldest, transportAheadSeconds: ahead } = LIMITS;
  if (age > oldest) throw rejected(`header: expected an iat of the last ${oldest} seconds, got an older one`);
  // if a sender's clock is ahead, its transports would be accepted for as much longer
  if (age < -ahead) throw rejected(`header: expected an iat at most ${ahead} seconds ahead, got a later one`);
}

function keyNamed(kid: unknown, keys: ReadonlyMap<string, RsaKey>): RsaKey {
  const key = typeof kid === 'string' ? keys.get(kid) : undefined;
  if (key === undefined) throw rejected('header: expected the kid of an intake key, got another');
  return key;
}

function readTransportId(jti: unknown): string {
  if (typeof jti === 'string' && TRANSPORT_ID_PATTERN.test(jti)) return jti;
  throw rejected('header: expected 16 to 64 characters of base64url as jti, got another value');
}
