import type { Field, Kind } from './kinds';

/** `typ` of a JWE that carries a material to the vault, and of one that carries it out. */
export const TRANSPORT_IN = 'share-vault-in';
export const TRANSPORT_OUT = 'share-vault-out';

/** The members of an inbound JWE's protected header, no others. */
export interface InboundHeader {
  readonly alg: 'RSA-OAEP-256';
  readonly enc: 'A256GCM';
  readonly typ: typeof TRANSPORT_IN;
  /** name of the intake key that it is encrypted to */
  readonly kid: string;
  /** the vault's environment */
  readonly env: string;
  readonly kind: Kind;
  readonly field: Field;
  readonly walletId: string;
  /** empty if the request has none */
  readonly userId: string;
  readonly chain: string;
  /** seconds since 1970, whole */
  readonly iat: number;
  /** 16 to 64 characters of base64url, chosen at random by the sender, never used again */
  readonly jti: string;
}

/** The members of an outbound JWE's protected header, no others. */
export interface OutboundHeader {
  readonly alg: 'ECDH-ES';
  readonly enc: 'A256GCM';
  readonly epk: RecipientJwk;
  readonly typ: typeof TRANSPORT_OUT;
  /** RFC 7638 SHA-256 thumbprint of the recipient, base64url */
  readonly kid: string;
  readonly env: string;
  /** the record's UUID */
  readonly record: string;
  readonly field: Field;
  readonly walletId: string;
  readonly chain: string;
  /** the request's 16 random bytes, base64url: a response to another request is refused */
  readonly req: string;
}

export const RECIPIENT_CURVES = ['P-256', 'X25519'] as const;

/** A one-time public key. Coordinates are 32 bytes, base64url. It has no private member and no other one. */
export interface RecipientJwk {
  readonly kty: 'EC' | 'OKP';
  readonly crv: (typeof RECIPIENT_CURVES)[number];
  readonly x: string;
  /** of P-256 only */
  readonly y?: string;
  /** the key's RFC 7638 thumbprint */
  readonly kid?: string;
}
