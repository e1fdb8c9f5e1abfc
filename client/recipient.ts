import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { RecipientJwk } from '../lambda/contract/transport';

export type RecipientCurve = RecipientJwk['crv'];

/** A key pair for one unseal: its private half never leaves this process and is dropped after the call. */
export interface Recipient {
  readonly jwk: RecipientJwk;
  /** RFC 7638 SHA-256, base64url */
  readonly thumbprint: string;
  readonly privateKey: KeyObject;
}

export async function createRecipient(curve: RecipientCurve): Promise<Recipient> {
  const { publicKey, privateKey } =
    curve === 'P-256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('x25519');
  const jwk = publicJwk(curve, publicKey.export({ format: 'jwk' }));
  return { jwk, thumbprint: await calculateJwkThumbprint({ ...jwk }, 'sha256'), privateKey };
}

function publicJwk(
  crv: RecipientCurve,
  { x = '', y = '' }: { readonly x?: string; readonly y?: string },
): RecipientJwk {
  return crv === 'P-256' ? { kty: 'EC', crv, x, y } : { kty: 'OKP', crv, x };
}
