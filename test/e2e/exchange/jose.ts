import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import {
  CompactEncrypt,
  type CryptoKey,
  type JWK,
  calculateJwkThumbprint,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importSPKI,
} from 'jose';
import type { Implementation, Materials, Outcome, PublicKey, Wallet } from './implementation';

const FIELDS: Readonly<Record<string, string>> = {
  delegatedShare: 'delegated_share',
  walletApiKey: 'wallet_api_key',
  serverKeyShares: 'server_key_shares',
};
const COLUMNS = [
  'wallet_id',
  'chain',
  'sequence',
  'at',
  'action',
  'outcome',
  'actor',
  'request_id',
  'record_id',
  'reason',
];

type Header = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, string | number | undefined>>;

const decode = (text = ''): Buffer<ArrayBuffer> => Buffer.from(text, 'base64url');
const camelCase = (column: string): string =>
  column.replaceAll(/_(.)/g, (_all, letter: string) => letter.toUpperCase());

/** Uses the JOSE library `jose` and the platform's Web Crypto, with the recipient's key on the curve X25519. */
export function joseExchange(): Implementation {
  let opening: ((response: unknown) => Promise<Materials>) | undefined;
  return {
    seal: async ({ environment: env, intake_key: key, kind, wallet, materials }) => {
      const { walletId, chain, userId = '' } = wallet;
      const bound = { env, kind, walletId, userId, chain };
      const encrypted = Object.entries(materials).map(async ([name, material]) => {
        const header = { ...bound, field: FIELDS[name], iat: Math.floor(Date.now() / 1_000), jti: randomUUID() };
        return [name, await encryptTo(key, { typ: 'share-vault-in', ...header }, decode(material))] as const;
      });
      return { kind, ...wallet, materials: Object.fromEntries(await Promise.all(encrypted)) };
    },
    unseal: async ({ environment: env, kind, wallet, reason }) => {
      const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
      const { kty, crv, x } = await exportJWK(publicKey);
      const recipient: JWK = { kty, crv, x };
      const req = randomBytes(16).toString('base64url');
      const { walletId, chain } = wallet;
      const expected = { env, walletId, chain, req, kid: await calculateJwkThumbprint(recipient) };
      opening = (response) => openAll(response, expected, privateKey);
      return { kind, ...wallet, recipient, req, reason };
    },
    open: ({ response }) => attempt(async () => opening?.(response) ?? {}),
    verifyLog: ({ wallet, entries, head }) =>
      attempt(async () => {
        verify(wallet, entries as readonly Row[], head as { readonly length: number; readonly head: string });
        return null;
      }),
    delivery: async ({ webhook_key: key, secret, wallet, materials }) => {
      const [encryptedDelegatedShare, encryptedWalletApiKey] = await Promise.all([
        envelopeOf(key, decode(materials.delegatedShare)),
        envelopeOf(key, decode(materials.walletApiKey)),
      ]);
      const ids = { eventId: randomUUID(), messageId: randomUUID(), timestamp: new Date().toISOString() };
      const data = { ...wallet, encryptedDelegatedShare, encryptedWalletApiKey };
      const body = JSON.stringify({ eventName: 'wallet.delegation.created', ...ids, data });
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      return { body, headers: { 'x-dynamic-signature-256': `sha256=${signature}` } };
    },
    close: () => undefined,
  };
}

async function attempt<T>(act: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { result: await act() };
  } catch (error) {
    return { refused: String(error) };
  }
}

async function encryptTo({ kid, pem }: PublicKey, header: Header, material: Uint8Array): Promise<string> {
  const key = await importSPKI(pem, 'RSA-OAEP-256');
  return new CompactEncrypt(material)
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid, ...header })
    .encrypt(key);
}

async function openAll(response: unknown, expected: Header, key: CryptoKey): Promise<Materials> {
  const { recordId, materials } = response as { readonly recordId: string; readonly materials: Materials };
  const opened = Object.entries(materials).map(async ([name, jwe]) => {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, key);
    const { epk: _epk, ...header } = protectedHeader;
    const whole = { ...expected, alg: 'ECDH-ES', enc: 'A256GCM', typ: 'share-vault-out', record: recordId };
    if (sorted(header) !== sorted({ ...whole, field: FIELDS[name] })) throw new Error(`expected the header of ${name}`);
    return [name, Buffer.from(plaintext).toString('base64url')] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

const sorted = (header: Header): string => JSON.stringify(Object.entries(header).sort());

function verify(
  wallet: Wallet,
  entries: readonly Row[],
  head: { readonly length: number; readonly head: string },
): void {
  let previous = '0'.repeat(64);
  for (const [at, entry] of entries.entries()) {
    const row: Row = { ...wallet, ...entry };
    const parts = COLUMNS.flatMap((column) => {
      const value = row[camelCase(column)];
      return value === undefined ? [] : [column, String(value)];
    });
    const hash = createHash('sha256').update(previous, 'hex');
    for (const part of parts) hash.update(lengthOf(part)).update(part);
    const digest = hash.digest('hex');
    if (row.sequence !== at + 1 || row.previousHash !== previous || row.hash !== digest)
      throw new Error(`row ${at + 1}`);
    previous = digest;
  }
  if (entries.length !== head.length || previous !== head.head) throw new Error('expected the head of these rows');
}

function lengthOf(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return length;
}

/** Encrypts with Web Crypto: no JOSE library knows this form. */
async function envelopeOf({ kid, pem }: PublicKey, material: Uint8Array<ArrayBuffer>): Promise<object> {
  const rsa = await importSPKI(pem, 'RSA-OAEP-256', { extractable: true });
  const content = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const sealed = Buffer.from(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, content, material));
  const raw = await crypto.subtle.exportKey('raw', content);
  const ek = Buffer.from(await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, rsa, raw));
  const parts = { iv: Buffer.from(iv), ct: sealed.subarray(0, -16), tag: sealed.subarray(-16), ek };
  const encoded = Object.entries(parts).map(([name, part]) => [name, part.toString('base64url')] as const);
  return { alg: 'HYBRID-RSA-AES-256', ...Object.fromEntries(encoded), kid };
}
