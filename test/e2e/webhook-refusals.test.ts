import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { constants, createHmac, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliveryHeaders, pingBody, signBody } from '../../client/delivery';
import type { LocalVault } from '../../local/vault';
import { rsaKeyPair } from '../support/rsa-keys';
import { logFolder } from '../support/run';
import { NOTHING, codeOf, createdOf, post, rowsOf, startPatientVault } from './deliveries';
import { type TestWallet, makeWallet, sql } from './harness';

const SIGNATURE = 'x-dynamic-signature-256';

let vault: LocalVault;
let wallet: TestWallet;
const logs = logFolder();
const wallets: TestWallet[] = [];
beforeAll(async () => {
  vault = await startPatientVault({ logDir: logs });
  await post(vault, pingBody(vault.webhook.url));
});
beforeEach(() => {
  wallet = makeWallet();
  wallets.push(wallet);
});
afterAll(() => vault.close());

interface Envelope {
  iv: string;
  ct: string;
  tag: string;
  ek: string;
}
interface Event {
  timestamp: unknown;
  data: Record<string, unknown> & { encryptedDelegatedShare: Envelope; encryptedWalletApiKey: Envelope };
  [member: string]: unknown;
}

/** Returns the body of a created event, changed before it is signed. */
function changed(change: (event: Event) => void): Buffer {
  const event = JSON.parse(createdOf(wallet, vault.webhook).toString()) as Event;
  change(event);
  return Buffer.from(JSON.stringify(event));
}

/** Returns the same body, changed as text into JSON that no serializer writes. */
function rewritten(pattern: string | RegExp, replacement: string): Buffer {
  return Buffer.from(createdOf(wallet, vault.webhook).toString().replace(pattern, replacement));
}

function flipped(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64url');
}

/** Data keys that any sender could wrap for the webhook key. */
function wrapped(bytes: number, publicKey = vault.webhook.publicKey): string {
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  return publicEncrypt({ key: publicKey, ...padding }, randomBytes(bytes)).toString('base64url');
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

function pids(): readonly number[] {
  return vault.lambda.processes().filter(({ name }) => name === vault.functions.receive).map(({ pid }) => pid); // prettier-ignore
}

/** Expects that the refused delivery stored nothing, and that its process responds to the next one. */
async function expectNoTrace(before: readonly number[]): Promise<void> {
  expect(await rowsOf(vault, wallet)).toEqual(NOTHING);
  expect(await codeOf(vault, pingBody(vault.webhook.url))).toBe('200 Pong');
  expect(pids()).toEqual(before);
}

describe('a signature', () => {
  const hmac = (algorithm: string, body: Buffer): string =>
    createHmac(algorithm, vault.webhook.secret).update(body).digest('hex');
  const cases: readonly (readonly [string, (body: Buffer) => Record<string, string>])[] = [
    ['that is missing', () => ({})],
    ['that is empty', () => ({ [SIGNATURE]: '' })],
    ['that is cut short', (body) => ({ [SIGNATURE]: signBody(body, vault.webhook.secret).slice(0, -1) })],
    ['that is too long', (body) => ({ [SIGNATURE]: `${signBody(body, vault.webhook.secret)}0` })],
    ['in upper case', (body) => ({ [SIGNATURE]: `sha256=${hmac('sha256', body).toUpperCase()}` })],
    ['without its algorithm', (body) => ({ [SIGNATURE]: hmac('sha256', body) })],
    ['of another algorithm', (body) => ({ [SIGNATURE]: `sha512=${hmac('sha512', body)}` })],
    ['of another algorithm, under the right name', (body) => ({ [SIGNATURE]: `sha256=${hmac('sha512', body).slice(64)}` })],
    ['under another secret', (body) => ({ [SIGNATURE]: signBody(body, `${vault.webhook.secret} `) })],
    ['that came twice', (body) => ({ [SIGNATURE]: `${signBody(body, vault.webhook.secret)},${signBody(body, 'x')}` })],
    ['of other bytes that say the same', (body) => ({ [SIGNATURE]: signBody(Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)), vault.webhook.secret) })],
    ['in another header', (body) => ({ 'x-dynamic-signature': signBody(body, vault.webhook.secret) })],
  ]; // prettier-ignore

  test.each(cases)('%s gets 401, whatever the body is', async (_what, headersOf) => {
    const before = pids();
    const body = createdOf(wallet, vault.webhook);
    const junk = Buffer.from('{');

    const answers = await Promise.all([post(vault, body, { 'content-type': 'application/json', ...headersOf(body) })]);
    answers.push(await post(vault, junk, { 'content-type': 'application/json', [SIGNATURE]: 'sha256=00' }));

    expect(answers.map(({ status, body: { code } }) => `${status} ${String(code)}`)).toEqual(new Array(2).fill('401 SignatureMismatch')); // prettier-ignore
    await expectNoTrace(before);
  });

  test('is checked before the body if that has at most 64 KiB, and not if it has more', async () => {
    const unsigned = { 'content-type': 'application/json' };

    expect(await codeOf(vault, Buffer.alloc(65_536, ' '), unsigned)).toBe('401 SignatureMismatch');
    expect(await codeOf(vault, Buffer.alloc(65_537, ' '), unsigned)).toBe('413 PayloadTooLarge');
  });
});

describe('a signed body', () => {
  const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const cases: readonly (readonly [string, () => Buffer])[] = [
    ['that is empty', () => Buffer.alloc(0)],
    ['that is no UTF-8', () => Buffer.concat([Buffer.from('{"eventName":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])],
    ['with a byte order mark', () => Buffer.concat([Buffer.from('\ufeff'), createdOf(wallet, vault.webhook)])],
    ['that is cut off', () => createdOf(wallet, vault.webhook).subarray(0, -1)],
    ['that goes on after its end', () => Buffer.concat([createdOf(wallet, vault.webhook), Buffer.from('{}')])],
    ['that is no object', () => Buffer.from('[]')],
    ['that nests deeply', () => rewritten('"data":{', `"data":{"deep":${deep(20_000)},`)],
    ['with a member twice', () => rewritten('"eventName"', '"eventName":"ping","eventName"')],
    ['with a member of its data twice', () => rewritten('"chain":"EVM"', '"chain":"EVM","ch\\u0061in":"SVM"')],
    ['with a member that is named __proto__', () => rewritten('"data":{', '"__proto__":{},"data":{')],
    ['whose data hides in __proto__', () => rewritten(/"data":(.*)\}$/, '"data":{"__proto__":$1}}')],
    ['whose fields hide in __proto__', () => rewritten(/"eventName":"[a-z.]*"/, '"__proto__":{"eventName":"ping"}')],
    ['without an event name', () => changed((event) => delete event.eventName)],
    ['without an event id', () => changed((event) => delete event.eventId)],
    ['without a time', () => changed((event) => delete event.timestamp)],
    ['without data', () => rewritten(/,"data":.*$/, '}')],
    ['without a wallet', () => changed(({ data }) => delete data.walletId)],
    ['without a chain', () => changed(({ data }) => delete data.chain)],
    ['without a user', () => changed(({ data }) => delete data.userId)],
    ['with a number for a wallet', () => changed(({ data }) => (data.walletId = 7))],
    ['with a list for a chain', () => changed(({ data }) => (data.chain = ['EVM']))],
    ['with an object for a user', () => changed(({ data }) => (data.userId = {}))],
    ['with a number for an event id', () => changed((event) => (event.eventId = 7))],
    ['with an empty wallet', () => changed(({ data }) => (data.walletId = ''))],
    ['with a control character in a wallet', () => changed(({ data }) => (data.walletId = 'a\u0000b'))],
    ['with a number for a time', () => changed((event) => (event.timestamp = Date.now()))],
    ['with words for a time', () => changed((event) => (event.timestamp = 'yesterday'))],
    ['with a day that there is not', () => changed((event) => (event.timestamp = '2026-02-30T10:00:00.000Z'))],
    ['with a time without its zone', () => changed((event) => (event.timestamp = '2026-02-03T10:00:00.000'))],
    ['from 6 minutes ahead', () => changed((event) => (event.timestamp = inMinutes(6)))],
  ]; // prettier-ignore

  test.each(cases)('%s gets 400 InvalidRequest', async (_what, make) => {
    const before = pids();

    expect(await codeOf(vault, make())).toBe('400 InvalidRequest');
    await expectNoTrace(before);
  });

  test.each([
    ['a share that is text', () => changed(({ data }) => Object.assign(data, { encryptedDelegatedShare: 'x' }))],
    ['no share', () => changed(({ data }) => Object.assign(data, { encryptedDelegatedShare: undefined }))],
    ['no API key', () => changed(({ data }) => Object.assign(data, { encryptedWalletApiKey: null }))],
  ])('with %s gets 400', async (_what, make) => {
    const { status } = await post(vault, make());

    expect(status).toBe(400);
    expect(await rowsOf(vault, wallet)).toEqual(NOTHING);
  });

  test('of 64 KiB is accepted, and of one byte more gets 413, in base64 too', async () => {
    const body = createdOf(wallet, vault.webhook);
    const full = Buffer.concat([body, Buffer.alloc(65_536 - body.length, ' ')]);
    const longer = Buffer.concat([full, Buffer.from(' ')]);
    const bytes = { ...deliveryHeaders(longer, vault.webhook.secret), 'content-type': 'application/octet-stream' };

    expect(await codeOf(vault, longer)).toBe('413 PayloadTooLarge');
    expect(await codeOf(vault, longer, bytes)).toBe('413 PayloadTooLarge');
    expect(await rowsOf(vault, wallet)).toEqual(NOTHING);
    expect(await codeOf(vault, full)).toBe('200 Sealed');
  });
});

describe('an envelope', () => {
  const share = (change: (envelope: Envelope) => void) => () =>
    changed(({ data }) => change(data.encryptedDelegatedShare));
  const apiKey = (change: (envelope: Envelope) => void) => () =>
    changed(({ data }) => change(data.encryptedWalletApiKey));
  const stranger = { publicKey: rsaKeyPair(4_096).publicKey.export({ type: 'spki', format: 'pem' }).toString() };

  test.each([
    ['with another ct', share((envelope) => (envelope.ct = flipped(envelope.ct)))],
    ['with another tag', share((envelope) => (envelope.tag = flipped(envelope.tag)))],
    ['with a shorter tag', share((envelope) => (envelope.tag = envelope.tag.slice(0, 6)))],
    ['with another iv', share((envelope) => (envelope.iv = flipped(envelope.iv)))],
    ['with another ek', share((envelope) => (envelope.ek = flipped(envelope.ek)))],
    ['with an ek that is no RSA block', share((envelope) => (envelope.ek = 'AAAA'))],
    ['with an ek of 16 bytes', share((envelope) => (envelope.ek = wrapped(16)))],
    ['with an ek of 33 bytes', share((envelope) => (envelope.ek = wrapped(33)))],
    ['with an ek of its own', share((envelope) => (envelope.ek = wrapped(32)))],
    ['of the API key with another ct', apiKey((envelope) => (envelope.ct = flipped(envelope.ct)))],
    ['of the API key with another ek', apiKey((envelope) => (envelope.ek = wrapped(32)))],
    ['of another algorithm', share((envelope) => Object.assign(envelope, { alg: 'RSA-OAEP' }))],
    ["to another customer's key", () => createdOf(wallet, { publicKey: stranger.publicKey, kid: 'theirs' })],
    ["to another customer's key under this vault's name", () => createdOf(wallet, { publicKey: stranger.publicKey, kid: vault.webhook.kid })],
  ])('%s gets 400 TransportRejected', async (_what, make) => {
    const before = pids();

    expect(await codeOf(vault, make())).toBe('400 TransportRejected');
    await expectNoTrace(before);
  }); // prettier-ignore
});

describe('after all of it', () => {
  test('the log names what was refused, and holds no id, no signature and no secret', async () => {
    const log = readFileSync(join(logs, `${vault.functions.receive}.log`), 'utf8');
    const values = [vault.webhook.secret, ...wallets.flatMap(({ walletId, userId, publicKey }) => [walletId, userId, publicKey])]; // prettier-ignore

    expect(log.match(/"code":"\w+"/g)?.length).toBeGreaterThan(50);
    expect(values.filter((value) => log.includes(value))).toEqual([]);
    expect(log).not.toMatch(/sha256=|dyn_/);
  });

  test('the database holds no wallet but the one that was sealed', async () => {
    const [row] = await sql<{ wallets: number }>(vault, 'SELECT count(*)::int AS wallets FROM vault.wallets');

    expect(row).toEqual({ wallets: 1 });
  });
});
