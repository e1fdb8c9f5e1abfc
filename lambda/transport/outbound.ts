import { diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { LIMITS } from '../contract/limits';
import { type OutboundHeader, type RecipientJwk, TRANSPORT_OUT } from '../contract/transport';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { writeCompact } from './compact';
import { concatKdf } from './concat-kdf';
import { GCM } from '../contract/limits';
import { sealGcm } from './gcm';
import { type Curve, publicJwk, type Recipient } from './recipient';

/** The protected header's facts of the material, for the caller to compare. */
export type OutboundBinding = Pick<OutboundHeader, 'env' | 'record' | 'field' | 'walletId' | 'chain' | 'req'>;

/** A content key that was agreed with a recipient, for one material. */
export interface Agreement {
  /** of the recipient's key */
  readonly kid: string;
  /** the ephemeral public key */
  readonly epk: RecipientJwk;
  /** 32 bytes, to be wiped if it stays unused */
  readonly contentKey: Buffer;
}

/** Agrees on a content key (ECDH-ES; RFC 7518, 4.6) by a fresh ephemeral key: it needs no material yet. */
export function agree({ crv, publicKey, thumbprint }: Recipient): Agreement {
  const ephemeral = generateEphemeral(crv);
  const epk = publicJwk(ephemeral.publicKey, crv);
  return { kid: thumbprint, epk, contentKey: deriveKey(ephemeral.privateKey, publicKey) };
}

/**
 * Encrypts a material (1 to `LIMITS.materialBytes` bytes) under an agreed key, which is wiped: a compact JWE of ECDH-ES and
 * A256GCM. The material is read in place, and is the caller's to wipe.
 */
export function sealOutbound(
  material: Uint8Array,
  { kid, epk, contentKey }: Agreement,
  binding: OutboundBinding,
): string {
  if (material.length < 1 || material.length > LIMITS.materialBytes) {
    throw new VaultError(
      'InternalError',
      `expected a material of 1 to ${LIMITS.materialBytes} bytes, got ${material.length}`,
    );
  }
  const header = encodeHeader(kid, epk, binding);
  try {
    return writeCompact(header, sealGcm(contentKey, material, Buffer.from(header, 'latin1')));
  } finally {
    wipe(contentKey);
  }
}

function generateEphemeral(crv: Curve): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return crv === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: crv });
}

function encodeHeader(kid: string, epk: RecipientJwk, binding: OutboundBinding): string {
  const { env, record, field, walletId, chain, req } = binding;
  const header: OutboundHeader = {
    alg: 'ECDH-ES',
    enc: 'A256GCM',
    epk,
    typ: TRANSPORT_OUT,
    kid,
    env,
    record,
    field,
    walletId,
    chain,
    req,
  };
  return Buffer.from(JSON.stringify(header), 'utf8').toString('base64url');
}

function deriveKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  try {
    return concatKdf(secret, { algorithm: 'A256GCM', keyBytes: GCM.keyBytes });
  } finally {
    wipe(secret);
  }
}
