import { types } from 'node:util';
import { KINDS, type Kind, MATERIALS, type MaterialName } from '../lambda/contract/kinds';
import { LIMITS } from '../lambda/contract/limits';
import { TRANSPORT_ID_PATTERN } from '../lambda/contract/patterns';
import { SEAL_REQUEST, type SealRequest } from '../lambda/contract/requests';
import { readArguments } from './arguments';
import { sealInbound } from './inbound';
import type { Settings } from './options';
import type { SealInput } from './requests';

/**
 * Returns the request that seals these materials, each encrypted to the newest intake key. Throws `TypeError`, and `RangeError`
 * for a material's length.
 */
export function sealRequest(input: SealInput, settings: Settings, idempotencyKey?: string): SealRequest {
  const { materials, ...facts } = input;
  const { kind, walletId, userId = '', chain } = facts;
  requireKind(kind);
  requireIdempotencyKey(idempotencyKey);
  const to = settings.intakeKeys[0];
  if (to === undefined) throw new TypeError('intakeKeys: expected at least one, got none');
  const binding = { env: settings.environment, kind, walletId, userId, chain };
  const given = readMaterials(kind, materials);
  const sealed = Object.fromEntries(
    [...given].map(([name, bytes]) => [name, sealInbound(name, bytes, binding, to, idempotencyKey)]),
  );
  return readArguments(SEAL_REQUEST, { ...facts, materials: sealed }, 'seal');
}

/** Throws `TypeError` unless the key is one, or undefined. */
export function requireIdempotencyKey(key: unknown): void {
  if (key === undefined || (typeof key === 'string' && TRANSPORT_ID_PATTERN.test(key))) return;
  throw new TypeError(
    'arguments of seal: idempotencyKey: expected 16 to 64 characters of base64url, got another value',
  );
}

function requireKind(kind: unknown): asserts kind is Kind {
  if (KINDS.some((each) => each === kind)) return;
  throw new TypeError(`kind: expected ${KINDS.join(' or ')}, got another`);
}

/** Returns the materials by name: exactly those of the kind. Throws `TypeError`, and `RangeError` for a length. */
function readMaterials(kind: Kind, given: unknown): ReadonlyMap<MaterialName, Uint8Array> {
  const members = new Map<string, unknown>(Object.entries(typeof given === 'object' ? (given ?? {}) : {}));
  const names: readonly MaterialName[] = MATERIALS[kind];
  if ([...members.keys()].some((name) => !names.some((known: string) => known === name))) {
    throw new TypeError(`materials: expected only ${names.join(' and ')} for the kind ${kind}, got another`);
  }
  return new Map(names.map((name) => [name, readMaterial(name, members.get(name))]));
}

function readMaterial(name: MaterialName, value: unknown): Uint8Array {
  if (typeof value === 'string') {
    throw new TypeError(
      `materials.${name}: expected a Uint8Array, got a string; a string can't be overwritten, so a secret in one stays in memory`,
    );
  }
  if (!types.isUint8Array(value)) throw new TypeError(`materials.${name}: expected a Uint8Array, got something else`);
  if (value.length >= 1 && value.length <= LIMITS.materialBytes) return value;
  throw new RangeError(`materials.${name}: expected 1 to ${LIMITS.materialBytes} bytes, got ${value.length}`);
}
