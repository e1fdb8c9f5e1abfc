import { beforeAll, describe, expect, test } from '@jest/globals';
import { type KeyObject, constants, createDecipheriv, createPublicKey, generateKeyPairSync, privateDecrypt } from 'node:crypto'; // prettier-ignore
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DelegatedWallet,
  type HybridEnvelope,
  createdBody,
  deliveryHeaders,
  pingBody,
  revokedBody,
  sealEnvelope,
  sealMaterials,
  signBody,
} from '../../client/delivery';
import { hasOpenssl, openssl } from '../lambda/transport/support/openssl';
import { rsaKeyPair } from '../support/rsa-keys';
import { material } from '../support/run';

const SAMPLES = join(__dirname, '../../../shared/samples/dynamic-webhooks');
const SECRET = 'dyn_whsec_made_up_für_a_test';
const WALLET: DelegatedWallet = { walletId: 'wallet', chain: 'EVM', userId: 'user', publicKey: '0x2b' };
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 });

type Unwrap = (wrappedKey: Buffer) => Buffer;
const unwrapWith =
  (key: KeyObject): Unwrap =>
  (wrappedKey) =>
    privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, wrappedKey);

function openEnvelope({ iv, ct, tag, ek }: HybridEnvelope, unwrap: Unwrap): Buffer {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  const contentKey = unwrap(bytes(ek));
  const decipher = createDecipheriv('aes-256-gcm', contentKey, bytes(iv), { authTagLength: 16 });
  decipher.setAuthTag(bytes(tag));
  return Buffer.concat([decipher.update(bytes(ct)), decipher.final()]);
}

const read = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;
const materials = () => ({ delegatedShare: material(457), walletApiKey: material(51) });

describe('an envelope', () => {
  test.each([2048, 3072, 4096])('to an RSA key of %d bits opens with its private key', (modulusLength) => {
    const { publicKey, privateKey } = rsaKeyPair(modulusLength);
    const secret = material(457);

    const envelope = sealEnvelope(secret, { publicKey });

    expect(openEnvelope(envelope, unwrapWith(privateKey))).toEqual(secret);
    expect(Buffer.from(envelope.ek, 'base64url')).toHaveLength(modulusLength / 8);
  });

  test('has the members of Dynamic, in unpadded base64url, and a kid if the key has one', () => {
    const plain = sealEnvelope(material(24), KEY);
    const named = sealEnvelope(material(24), { ...KEY, kid: 'webhook-1' });

    expect(Object.keys(plain)).toEqual(['alg', 'iv', 'ct', 'tag', 'ek']);
    expect(plain.alg).toBe('HYBRID-RSA-AES-256');
    expect([plain.iv, plain.ct, plain.tag, plain.ek].join('')).toMatch(/^[A-Za-z0-9_-]+$/);
    expect([plain.iv, plain.ct, plain.tag].map((text) => Buffer.from(text, 'base64url').length)).toEqual([16, 24, 16]);
    expect(named.kid).toBe('webhook-1');
  });

  test('has an IV and a content key of its own each time', () => {
    const secret = material(24);

    const [first, second] = [sealEnvelope(secret, KEY), sealEnvelope(secret, KEY)];

    expect(first.iv).not.toBe(second.iv);
    expect(first.ct).not.toBe(second.ct);
  });

  test('leaves the material unchanged', () => {
    const secret = material(24);
    const before = Buffer.from(secret);

    sealEnvelope(secret, KEY);

    expect(secret).toEqual(before);
  });
});

describe('a body', () => {
  const facts = { eventId: 'event', messageId: 'message', webhookId: 'hook', environmentId: 'environment' };
  const at = new Date('2026-11-20T10:00:00.000Z');
  const common = {
    ...facts,
    timestamp: '2026-11-20T10:00:00.000Z',
    environmentName: 'sandbox',
    userId: 'user',
    redelivery: false,
  };

  test('of a created has both envelopes, of which only that of the API key names the key', () => {
    const sealed = sealMaterials(materials(), { ...KEY, kid: 'webhook-1' });

    const body = createdBody({ ...WALLET, shareSetId: 'set' }, sealed, { ...facts, at });

    const data = { chain: 'EVM', walletId: 'wallet', userId: 'user', publicKey: '0x2b', shareSetId: 'set', ...sealed };
    expect(read(body)).toEqual({ ...common, eventName: 'wallet.delegation.created', data });
    expect(sealed.encryptedDelegatedShare.kid).toBeUndefined();
    expect(sealed.encryptedWalletApiKey.kid).toBe('webhook-1');
  });

  test('of a revoked names the wallet', () => {
    const body = revokedBody(WALLET, { ...facts, at, redelivery: true });

    const data = { chain: 'EVM', walletId: 'wallet', userId: 'user', publicKey: '0x2b' };
    expect(read(body)).toEqual({ ...common, eventName: 'wallet.delegation.revoked', redelivery: true, data });
  });

  test('of a ping has no user', () => {
    const body = pingBody('https://vault.example.com/webhooks/dynamic', { ...facts, at });

    expect(read(body)).toMatchObject({ ...common, userId: null, eventName: 'ping', data: { webhookId: 'hook' } });
  });

  test('has generated values for the facts that it is not given, others each time', () => {
    const [first, second] = [read(revokedBody(WALLET)), read(revokedBody(WALLET))];

    expect(first.eventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.eventId).not.toBe(second.eventId);
    expect(first.messageId).not.toBe(second.messageId);
    expect(new Date(String(first.timestamp)).toISOString()).toBe(first.timestamp);
  });
});

describe('a signature', () => {
  test('is over exactly these bytes', () => {
    const body = revokedBody(WALLET);
    const spaced = Buffer.concat([body, Buffer.from(' ')]);

    expect(signBody(body, SECRET)).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(signBody(spaced, SECRET)).not.toBe(signBody(body, SECRET));
    expect(signBody(body, `${SECRET}x`)).not.toBe(signBody(body, SECRET));
  });

  test('goes into the header that the vault reads', () => {
    const body = revokedBody(WALLET);

    expect(deliveryHeaders(body, SECRET)).toEqual({
      'content-type': 'application/json',
      'x-dynamic-signature-256': signBody(body, SECRET),
    });
  });
});

if (hasOpenssl()) describe('openssl', exchanges);
else test.todo('openssl is not tried: expected version 3 or later on this machine, got none');

function exchanges(): void {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-openssl-'));
  const OAEP = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'];

  test.each([2048, 3072, 4096])('unwraps the content key of an envelope to %d bits', (modulusLength) => {
    const { publicKey, privateKey } = rsaKeyPair(modulusLength);
    const file = join(folder, `${modulusLength}.pem`);
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const options = OAEP.flatMap((option) => ['-pkeyopt', option]);
    const secret = material(457);

    const envelope = sealEnvelope(secret, { publicKey });

    const unwrap: Unwrap = (wrapped) => openssl(['pkeyutl', '-decrypt', '-inkey', file, ...options], wrapped);
    expect(openEnvelope(envelope, unwrap)).toEqual(secret);
  });

  test('makes the same signature', () => {
    const body = createdBody(WALLET, sealMaterials(materials(), KEY));
    const key = Buffer.from(SECRET, 'utf8').toString('hex');

    const hmac = openssl(['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key}`, '-binary'], body);

    expect(signBody(body, SECRET)).toBe(`sha256=${hmac.toString('hex')}`);
  });
}

if (existsSync(SAMPLES)) describe('the deliveries of an independent implementation', samples);
else test.todo('deliveries of an independent implementation are not compared: expected a folder of them, got none');

interface Sample {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
interface Created {
  readonly userId: string;
  readonly redelivery: boolean;
  readonly data: Readonly<Record<'encryptedDelegatedShare' | 'encryptedWalletApiKey', HybridEnvelope>>;
}
interface Sources {
  readonly webhookSecret: string;
  readonly deliveries: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function samples(): void {
  const load = (file: string): unknown => JSON.parse(readFileSync(join(SAMPLES, file), 'utf8'));
  let sources: Sources;
  let unwrap: Unwrap;
  beforeAll(() => {
    sources = load('expected.json') as Sources;
    const { pkcs8DerBase64 } = load('transport-key.json') as { readonly pkcs8DerBase64: string };
    const key = { key: Buffer.from(pkcs8DerBase64, 'base64'), format: 'der', type: 'pkcs8' } as const;
    unwrap = (wrappedKey) =>
      privateDecrypt({ ...key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, wrappedKey);
  });

  test.each(['evm-created', 'evm-revoked', 'svm-created', 'svm-revoked', 'ping'])('%s is signed alike', (name) => {
    const { headers, body } = load(`${name}.json`) as Sample;

    expect(deliveryHeaders(Buffer.from(body), sources.webhookSecret)).toEqual(headers);
  });

  test.each(['evm-created.json', 'svm-created.json'])('%s is sealed alike, and has the same members', (file) => {
    const event = JSON.parse((load(file) as Sample).body) as Created;
    const { encryptedDelegatedShare, encryptedWalletApiKey } = event.data;
    const expected = sources.deliveries[file];
    const publicKey = createPublicKey(readFileSync(join(SAMPLES, 'transport-public.pem')));

    const own = read(
      createdBody(WALLET, sealMaterials(materials(), { publicKey, kid: 'named' })),
    ) as unknown as Created;

    expect(openEnvelope(encryptedDelegatedShare, unwrap).toString()).toBe(expected?.delegatedShare);
    expect(openEnvelope(encryptedWalletApiKey, unwrap).toString()).toBe(expected?.walletApiKey);
    expect(shapeOf(own)).toEqual(shapeOf(event));
  });

  test.each(['evm-revoked.json', 'ping.json'])('%s has the same members', (file) => {
    const event = JSON.parse((load(file) as Sample).body) as { readonly eventName: string };
    const own = event.eventName === 'ping' ? pingBody('https://vault.example.com') : revokedBody(WALLET);

    expect(shapeOf(read(own))).toEqual(shapeOf(event));
  });
}

/** Returns the names and types of all members, at every depth. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const members = Object.entries(value).map(([name, member]) => [name, shapeOf(member)] as const);
  return Object.fromEntries(members);
}
