import { compactDecrypt, decodeProtectedHeader } from 'jose';
import { FIELDS, MATERIALS, type MaterialName } from '../lambda/contract/kinds';
import { LIMITS } from '../lambda/contract/limits';
import { type OutboundHeader, TRANSPORT_OUT } from '../lambda/contract/transport';
import type { UnsealResponse } from '../lambda/contract/responses';
import { ShareVaultError } from './errors';
import type { Recipient } from './recipient';

/** The required members of an outbound material's header, besides the key's. */
export type Expected = Pick<OutboundHeader, 'env' | 'record' | 'field' | 'walletId' | 'chain' | 'req'>;

/** The members that are the same for all materials of a response, known from the request. */
export type Requested = Omit<Expected, 'record' | 'field'>;

const ALG = 'ECDH-ES';
const ENC = 'A256GCM';

/** Opens all materials of a response, or none: on a failure the opened ones are wiped. Throws `ResponseRejected`. */
export async function openMaterials(
  response: UnsealResponse,
  requested: Requested,
  recipient: Recipient,
): Promise<ReadonlyMap<MaterialName, Uint8Array>> {
  const opened = new Map<MaterialName, Uint8Array>();
  try {
    const materials: Partial<Record<MaterialName, string>> = response.materials;
    for (const name of MATERIALS[response.kind]) {
      const expected = { ...requested, record: response.recordId, field: FIELDS[name] };
      opened.set(name, await openOutbound(materials[name] ?? '', expected, recipient));
    }
    return opened;
  } catch (error) {
    for (const material of opened.values()) material.fill(0);
    throw error;
  }
}

/**
 * Opens one material of a response. The caller wipes the result. Throws `ResponseRejected` if the header does not fit the
 * request, before anything is decrypted, and if the material can't be decrypted.
 */
async function openOutbound(jwe: string, expected: Expected, recipient: Recipient): Promise<Uint8Array> {
  requireHeader(jwe, expected, recipient);
  const material = await decrypt(jwe, expected.field, recipient);
  if (material.length >= 1 && material.length <= LIMITS.materialBytes) return material;
  material.fill(0);
  throw rejected(expected.field, `expected 1 to ${LIMITS.materialBytes} bytes, got ${material.length}`);
}

/** Exactly the members of `OutboundHeader`, each with the value that it must have. */
function requireHeader(jwe: string, expected: Expected, { thumbprint, jwk }: Recipient): void {
  const { epk, ...header } = readHeader(jwe, expected.field);
  const wanted = new Map<string, unknown>(
    Object.entries({ ...expected, alg: ALG, enc: ENC, typ: TRANSPORT_OUT, kid: thumbprint }),
  );
  for (const [member, value] of wanted) {
    if (header[member] === value) continue;
    const got = header[member] === undefined ? 'none' : 'another';
    throw rejected(expected.field, `expected the header's ${member} to fit the request, got ${got}`);
  }
  if (Object.keys(header).some((member) => !wanted.has(member))) {
    throw rejected(expected.field, 'expected no other header members, got one');
  }
  if (!isKeyLike(epk, jwk)) throw rejected(expected.field, `expected the header's epk to be a ${jwk.crv} key`);
}

function readHeader(jwe: string, field: string): Readonly<Record<string, unknown>> {
  try {
    return decodeProtectedHeader(jwe);
  } catch {
    throw rejected(field, 'expected a compact JWE, got something else');
  }
}

/** The members of a key on the recipient's curve, no others; jose checks that it is one. */
function isKeyLike(epk: unknown, jwk: Recipient['jwk']): boolean {
  if (typeof epk !== 'object' || epk === null) return false;
  const members = new Map<string, unknown>(Object.entries(epk));
  return (
    members.size === Object.keys(jwk).length &&
    Object.keys(jwk).every((name) => typeof members.get(name) === 'string') &&
    members.get('kty') === jwk.kty &&
    members.get('crv') === jwk.crv
  );
}

async function decrypt(jwe: string, field: string, { privateKey }: Recipient): Promise<Uint8Array> {
  try {
    const algorithms = { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] };
    return (await compactDecrypt(jwe, privateKey, algorithms)).plaintext;
  } catch (cause) {
    throw rejected(field, 'expected a JWE that opens with the one-time key, got another', cause);
  }
}

function rejected(field: string, message: string, cause?: unknown): ShareVaultError {
  return new ShareVaultError('ResponseRejected', `${field}: ${message}`, { cause });
}
