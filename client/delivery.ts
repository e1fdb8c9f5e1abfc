import { type KeyObject, createHmac, randomUUID } from 'node:crypto';
import { encryptTo } from '../lambda/contract/encrypt';

/*
 * Deliveries in Dynamic's form: envelopes to the webhook key, a JSON body, a signature over its bytes. They are for tests
 * of a vault; only the vault reads real deliveries.
 */

/** Lower case, as HTTP/2 and API Gateway spell it. */
export const SIGNATURE_HEADER = 'x-dynamic-signature-256';

export type EventName = 'ping' | 'wallet.delegation.created' | 'wallet.delegation.revoked';

/** A key that Dynamic encrypts to. */
export interface WebhookKey {
  /** RSA, 2048 to 4096 bits */
  readonly publicKey: KeyObject;
  /** the name by which Dynamic knows it */
  readonly kid?: string | undefined;
}

/** All but `alg` and `kid` unpadded base64url. */
export interface HybridEnvelope {
  readonly alg: 'HYBRID-RSA-AES-256';
  /** 16 bytes */
  readonly iv: string;
  readonly ct: string;
  /** 16 bytes */
  readonly tag: string;
  /** the content key's 32 bytes, RSA-OAEP with SHA-256 */
  readonly ek: string;
  readonly kid?: string;
}

export interface SealedMaterials {
  readonly encryptedDelegatedShare: HybridEnvelope;
  readonly encryptedWalletApiKey: HybridEnvelope;
}

/** The wallet of an event. */
export interface DelegatedWallet {
  readonly walletId: string;
  /** `EVM`, `SVM`, … */
  readonly chain: string;
  readonly userId: string;
  /** the wallet's address */
  readonly publicKey: string;
}

/** The facts of every event; missing ones are generated, with the current time. */
export interface EventFacts {
  readonly eventId?: string | undefined;
  readonly messageId?: string | undefined;
  /** when it happened */
  readonly at?: Date | undefined;
  readonly webhookId?: string | undefined;
  readonly environmentId?: string | undefined;
  readonly environmentName?: string | undefined;
  readonly redelivery?: boolean | undefined;
}

/** Dynamic's own envelopes have this length. */
const IV_BYTES = 16;

/** Encrypts a material, 1 byte or more: AES-256-GCM without additional data, its key under the webhook key. */
export function sealEnvelope(material: Uint8Array, { publicKey, kid }: WebhookKey): HybridEnvelope {
  const { encryptedKey, iv, ciphertext, tag } = encryptTo(publicKey, material, { ivBytes: IV_BYTES });
  return {
    alg: 'HYBRID-RSA-AES-256',
    iv: iv.toString('base64url'),
    ct: ciphertext.toString('base64url'),
    tag: tag.toString('base64url'),
    ek: encryptedKey.toString('base64url'),
    ...(kid !== undefined && { kid }),
  };
}

/** Seals both materials of a `created`. As in Dynamic's own, only the API key's envelope names the key. */
export function sealMaterials(
  { delegatedShare, walletApiKey }: { readonly delegatedShare: Uint8Array; readonly walletApiKey: Uint8Array },
  key: WebhookKey,
): SealedMaterials {
  return {
    encryptedDelegatedShare: sealEnvelope(delegatedShare, { publicKey: key.publicKey }),
    encryptedWalletApiKey: sealEnvelope(walletApiKey, key),
  };
}

/** Returns the bytes of a `wallet.delegation.created`. */
export function createdBody(
  wallet: DelegatedWallet & { readonly shareSetId?: string | undefined },
  materials: SealedMaterials,
  facts: EventFacts = {},
): Buffer<ArrayBuffer> {
  const { walletId, chain, userId, publicKey, shareSetId } = wallet;
  const { encryptedDelegatedShare, encryptedWalletApiKey } = materials;
  const data = { chain, walletId, userId, publicKey, encryptedDelegatedShare, encryptedWalletApiKey, shareSetId };
  return eventBody('wallet.delegation.created', userId, data, facts);
}

/** Returns the bytes of a `wallet.delegation.revoked`. */
export function revokedBody(
  { walletId, chain, userId, publicKey }: DelegatedWallet,
  facts: EventFacts = {},
): Buffer<ArrayBuffer> {
  return eventBody('wallet.delegation.revoked', userId, { chain, walletId, userId, publicKey }, facts);
}

/** Returns the bytes of a `ping` to this URL: Dynamic sends one when an endpoint is registered. */
export function pingBody(url: string, facts: EventFacts = {}): Buffer<ArrayBuffer> {
  const { webhookId = randomUUID() } = facts;
  const events: readonly EventName[] = ['wallet.delegation.created', 'wallet.delegation.revoked'];
  const data = { webhookId, message: 'ping', events, url, isEnabled: true };
  return eventBody('ping', null, data, { ...facts, webhookId });
}

/** Returns a body's headers: its type, and its signature under the webhook's signing secret. */
export function deliveryHeaders(body: Uint8Array, secret: string): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', [SIGNATURE_HEADER]: signBody(body, secret) };
}

/** Returns `sha256=` and the HMAC-SHA-256 of exactly these bytes, in hex; the secret is used as UTF-8. */
export function signBody(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', Buffer.from(secret, 'utf8')).update(body).digest('hex')}`;
}

function eventBody(eventName: EventName, userId: string | null, data: object, facts: EventFacts): Buffer<ArrayBuffer> {
  const { eventId = randomUUID(), messageId = randomUUID(), at = new Date(), redelivery = false } = facts;
  const { webhookId = randomUUID(), environmentId = randomUUID(), environmentName = 'sandbox' } = facts;
  const timestamp = at.toISOString();
  const event = { messageId, eventId, eventName, timestamp, webhookId, environmentId, environmentName, userId };
  return Buffer.from(JSON.stringify({ ...event, redelivery, data }), 'utf8');
}
