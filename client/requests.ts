import { types } from 'node:util';
import type { ChainPosition } from '../lambda/contract/responses';
import { LIMITS } from '../lambda/contract/limits';
import { MATERIALS, type MaterialName, SUPPORTED_KINDS, type SupportedKind, byName } from '../lambda/contract/kinds';
import type { SealRequest, UnsealRequest } from '../lambda/contract/requests';
import { sealInbound } from './inbound';
import type { Settings } from './options';

/** The kinds of records that this client seals and opens. */
export type MaterialKind = SupportedKind;
type MaterialsOf<K extends MaterialKind> = Readonly<Record<(typeof MATERIALS)[K][number], Uint8Array>>;

/**
 * A wallet on one chain. Ids have 1 to 255 characters in Unicode form NFC, no blank at an end and none that is invisible.
 * A chain has 1 to 10: a name in capitals such as `EVM`, or a CAIP-2 id such as `eip155:1`.
 */
export interface Wallet {
  readonly walletId: string;
  readonly chain: string;
}

export interface SealInput extends Omit<SealRequest, 'kind' | 'materials'> {
  readonly kind: MaterialKind;
  /** each 1 to 65,536 bytes; read before the call returns its promise, and left for the caller to wipe */
  readonly materials: MaterialsOf<MaterialKind>;
}

export interface UnsealInput extends Omit<UnsealRequest, 'kind' | 'recipient' | 'req'> {
  readonly kind: MaterialKind;
}

export interface RevokeInput extends Wallet {
  /** 1 to 200 characters: the caller's own statement, stored in the access log */
  readonly reason: string;
}

export interface CallOptions {
  /** aborts the call, between attempts and during one, with the signal's reason; the call may have taken effect */
  readonly signal?: AbortSignal;
}

export interface PropertiesOptions extends CallOptions {
  /** 1, 2, 3, … @default - the newest */
  readonly version?: number;
}

export interface LogOptions extends CallOptions {
  /** entries after this sequence number. @default - from the first */
  readonly after?: number;
}

export interface VerifyProgress {
  /** the last row that was verified */
  readonly verified: number;
  /** the head's; undefined if none is known */
  readonly of: number | undefined;
}

export interface VerifyOptions extends CallOptions {
  /** the row to start after, such as `verifiedTo` of an earlier verification. @default - from the first row on */
  readonly after?: ChainPosition;
  /** the head to verify against, such as one stored elsewhere. @default - the one that the vault has */
  readonly until?: ChainPosition;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** Throws `TypeError` for another kind, before anything is sent. */
export function requireKind(kind: unknown): asserts kind is MaterialKind {
  if (SUPPORTED_KINDS.some((each) => each === kind)) return;
  throw new TypeError(`kind: expected ${SUPPORTED_KINDS.join(' or ')}, got another`);
}

/**
 * Returns the request that seals these materials, each encrypted to the newest intake key. Throws `TypeError`, and `RangeError`
 * for a material's length.
 */
export function sealRequest(input: SealInput, settings: Settings): SealRequest {
  const { kind, userId, walletId, chain } = input;
  requireKind(kind);
  const to = settings.intakeKeys[0];
  if (to === undefined) throw new TypeError('intakeKeys: expected at least one, got none');
  const binding = { env: settings.environment, kind, walletId, userId: userId ?? '', chain };
  const given = readMaterials(kind, input.materials);
  const materials = byName(MATERIALS[kind], (name) => sealInbound(name, given[name], binding, to));
  // a mistyped member is refused with the request, not passed over
  return { ...input, materials };
}

/** Returns the materials by name: exactly those of the kind. Throws `TypeError`, and `RangeError` for a length. */
function readMaterials(kind: MaterialKind, given: unknown): MaterialsOf<MaterialKind> {
  const members = new Map<string, unknown>(Object.entries(typeof given === 'object' ? (given ?? {}) : {}));
  const names = MATERIALS[kind];
  if ([...members.keys()].some((name) => !names.some((known: string) => known === name))) {
    throw new TypeError(`materials: expected ${names.join(' and ')} alone, got another`);
  }
  return byName(names, (name) => readMaterial(name, members.get(name)));
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
