import { diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { LIMITS } from '../contract/limits';
import { type OutboundHeader, TRANSPORT_OUT } from '../contract/transport';
import { wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { writeCompact } from './compact';
import { concatKdf } from './concat-kdf';
import { GCM } from '../contract/limits';
import { sealGcm } from './gcm';
import { type Curve, publicJwk, type Recipient } from './recipient';

/** The protected header's facts of the material, for the caller to compare. */
export type OutboundBinding = Pick<OutboundHeader, 'env' | 'record' | 'field' | 'walletId' | 'chain' | 'req'>;

/**
 * Encrypts a material (1 to `LIMITS.materialBytes` bytes) to its recipient: a compact JWE of ECDH-ES and A256GCM
 * (RFC 7518, 4.6) with a fresh ephemeral key. The material is read in place, and is the caller's to wipe.
 */
export function sealOutbound(material: Uint8Array, recipient: Recipient, binding: OutboundBinding): string {
  if (material.length < 1 || material.length > LIMITS.materialBytes) {
    throw new VaultError(
      'InternalError',
      `expected a material of 1 to ${LIMITS.materialBytes} bytes, got ${material.length}`,
    );
  }
  const ephemeral = generateEphemeral(recipient.crv);
  const header = encodeHeader(ephemeral.publicKey, recipient, binding);
  const contentKey = agree(ephemeral.privateKey, recipient.publicKey);
  try {
    return writeCompact(header, sealGcm(contentKey, material, Buffer.from(header, 'latin1')));
  } finally {
    wipe(contentKey);
  }
}

function generateEphemeral(crv: Curve): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return crv === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: crv });
}

function encodeHeader(ephemeral: KeyObject, recipient: Recipient, binding: OutboundBinding): string {
  const { env, record, field, walletId, chain, req } = binding;
  const header: OutboundHeader = {
    alg: 'ECDH-ES',
    enc: 'A256GCM',
    epk: publicJwk(ephemeral, recipient.crv),
    typ: TRANSPORT_OUT,
    kid: recipient.thumbprint,
    env,
    record,
    field,
    walletId,
    chain,
    req,
  };
  return Buffer.from(JSON.stringify(header), 'utf8').toString('base64url');
}

function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  try {
    return concatKdf(secret, { algorithm: 'A256GCM', keyBytes: GCM.keyBytes });
  } finally {
    wipe(secret);
  }
}
