import * as v from 'valibot';
import { FIELDS, KINDS } from './kinds';
import { ENVIRONMENT_PATTERN, KID_PATTERN, TRANSPORT_ID_PATTERN, UUID_PATTERN } from './patterns';
import { type Described, type Schema, id, matching, wallet, wholeNumber } from './schema';

/** `typ` of a JWE that carries a material to the vault, and of one that carries it out. */
export const TRANSPORT_IN = 'share-vault-in';
export const TRANSPORT_OUT = 'share-vault-out';

const env = matching(ENVIRONMENT_PATTERN, 'the name of an environment, without two hyphens in a row');
const field = v.picklist(Object.values(FIELDS), Object.values(FIELDS).join(' or '));
/** 32 bytes: the last digit has two spare bits, which are zero. */
const digits32 = (expected: string): Schema<string> => matching(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, expected);
const coordinate = digits32('32 bytes in base64url');
/** The key's RFC 7638 thumbprint, SHA-256, base64url. */
const thumbprint = digits32('an RFC 7638 thumbprint, SHA-256 in base64url');

/** 16 random bytes, base64url (22 characters). */
export const REQUEST_ID: Schema<string> = matching(/^[A-Za-z0-9_-]{21}[AQgw]$/, '16 bytes in base64url');

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

const P256 = { kty: v.literal('EC', 'EC'), crv: v.literal('P-256', 'P-256'), x: coordinate, y: coordinate };
const X25519 = { kty: v.literal('OKP', 'OKP'), crv: v.literal('X25519', 'X25519'), x: coordinate };
const kid = v.optional(thumbprint);

export const RECIPIENT_JWK: Schema<RecipientJwk> = v.variant(
  'crv',
  [v.strictObject({ ...P256, kid }), v.strictObject({ ...X25519, kid })],
  RECIPIENT_CURVES.join(' or '),
);
/** A key that the vault makes for one JWE. */
const EPHEMERAL_JWK: Schema<RecipientJwk> = v.variant(
  'crv',
  [v.strictObject(P256), v.strictObject(X25519)],
  RECIPIENT_CURVES.join(' or '),
);

/** The members of an inbound JWE's protected header, no others. */
export const INBOUND_HEADER = v.strictObject({
  alg: v.literal('RSA-OAEP-256', 'RSA-OAEP-256'),
  enc: v.literal('A256GCM', 'A256GCM'),
  typ: v.literal(TRANSPORT_IN, TRANSPORT_IN),
  /** name of the intake key that it is encrypted to */
  kid: matching(KID_PATTERN, 'the name of a key, not __proto__'),
  /** the vault's environment */
  env,
  kind: v.picklist(KINDS, KINDS.join(' or ')),
  field,
  walletId: wallet.walletId,
  /** empty if the request has none */
  userId: v.union([v.literal('', 'an empty text'), id]),
  chain: wallet.chain,
  /** seconds since 1970, whole */
  iat: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  /** chosen at random by the sender, never used again */
  jti: matching(TRANSPORT_ID_PATTERN, '16 to 64 characters of base64url'),
});
export type InboundHeader = Described<typeof INBOUND_HEADER>;

/** The members of an outbound JWE's protected header, no others. */
export const OUTBOUND_HEADER = v.strictObject({
  alg: v.literal('ECDH-ES', 'ECDH-ES'),
  enc: v.literal('A256GCM', 'A256GCM'),
  /** on the recipient's curve */
  epk: EPHEMERAL_JWK,
  typ: v.literal(TRANSPORT_OUT, TRANSPORT_OUT),
  /** RFC 7638 SHA-256 thumbprint of the recipient, base64url */
  kid: thumbprint,
  env,
  /** the record's UUID */
  record: matching(UUID_PATTERN, 'a UUID'),
  field,
  walletId: wallet.walletId,
  chain: wallet.chain,
  /** the request's 16 random bytes, base64url: a response to another request is refused */
  req: REQUEST_ID,
});
export type OutboundHeader = Described<typeof OUTBOUND_HEADER>;

/** The names that Dynamic's API has for its one scheme. */
export const ENVELOPE_ALGORITHMS = ['HYBRID-RSA-AES-256', 'RSA-OAEP-256'] as const;

const encoded = v.string('base64url or base64');
/** A material in a delivery of Dynamic's: AES-256-GCM without additional data. Other members are ignored. */
export const HYBRID_ENVELOPE = v.object({
  alg: v.picklist(ENVELOPE_ALGORITHMS, ENVELOPE_ALGORITHMS.join(' or ')),
  /** 12 to 16 bytes */
  iv: encoded,
  /** 1 to 65,536 bytes */
  ct: encoded,
  /** 16 bytes */
  tag: encoded,
  /** the content key's 32 bytes, RSA-OAEP with SHA-256 and MGF1 with SHA-256, no label */
  ek: encoded,
  /** a hint at the key; ignored unless it is a text */
  kid: v.optional(v.unknown()),
});
