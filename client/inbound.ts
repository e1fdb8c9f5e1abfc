import { type KeyObject, createHash, createHmac, randomUUID } from 'node:crypto';
import { encryptTo } from '../lambda/contract/encrypt';
import { GCM } from '../lambda/contract/limits';
import { FIELDS, type MaterialName } from '../lambda/contract/kinds';
import { type InboundHeader, TRANSPORT_IN } from '../lambda/contract/transport';
import type { IntakeKey } from './intake-key';

/** The facts that a material is bound to on its way in, beside its field. */
export type InboundBinding = Pick<InboundHeader, 'env' | 'kind' | 'walletId' | 'userId' | 'chain'>;

/**
 * Encrypts one material to an intake key: a compact JWE, valid for ten minutes from its `iat` and for one record.
 *
 * @param idempotencyKey makes the `jti` the same for the same key, binding, name and bytes
 */
export function sealInbound(
  name: MaterialName,
  material: Uint8Array,
  binding: InboundBinding,
  to: IntakeKey,
  idempotencyKey?: string,
): string {
  const { env, kind, walletId, userId, chain } = binding;
  const header: InboundHeader = {
    alg: 'RSA-OAEP-256',
    enc: 'A256GCM',
    typ: TRANSPORT_IN,
    kid: to.kid,
    env,
    kind,
    field: FIELDS[name],
    walletId,
    userId,
    chain,
    iat: Math.floor(Date.now() / 1000),
    jti: idempotencyKey === undefined ? randomUUID() : derivedId(idempotencyKey, name, material, binding),
  };
  return encrypt(material, header, to.publicKey);
}

/**
 * The wallet is part of it, so that one key can serve many wallets, and the material: another one under the same key is
 * another request, which the vault refuses instead of returning the first one's record.
 */
function derivedId(idempotencyKey: string, name: MaterialName, material: Uint8Array, binding: InboundBinding): string {
  const { env, kind, walletId, userId, chain } = binding;
  const digest = createHash('sha256').update(material).digest('hex');
  const facts = JSON.stringify(['share-vault idempotency', env, kind, FIELDS[name], walletId, userId, chain, digest]);
  return createHmac('sha256', idempotencyKey).update(facts, 'utf8').digest('base64url');
}

/** Encrypts with `node:crypto`: the writer of jose was measured to leave a copy of the plaintext behind. */
function encrypt(material: Uint8Array, header: InboundHeader, publicKey: KeyObject): string {
  const protectedHeader = Buffer.from(JSON.stringify(header), 'utf8').toString('base64url');
  const additional = Buffer.from(protectedHeader, 'ascii');
  const { encryptedKey, iv, ciphertext, tag } = encryptTo(publicKey, material, { ivBytes: GCM.ivBytes, additional });
  return [protectedHeader, ...[encryptedKey, iv, ciphertext, tag].map((part) => part.toString('base64url'))].join('.');
}
