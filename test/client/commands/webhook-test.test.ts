import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDecipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../../../client/commands/explain';
import { post } from '../../../client/commands/post';
import type { HybridEnvelope } from '../../../client/delivery';
import { Account, run } from './support/account';
import { type Trouble, Webhook } from './support/webhook';

const ACCOUNT = new Account();
const ARGS = ['webhook-test', '--environment', 'prod'];
const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SHORT = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ type: 'spki', format: 'pem' });
const ELLIPTIC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
const secret = `dyn_whsec_${randomBytes(16).toString('hex')}`;
let signing = secret;
let webhook: Webhook;
let keyArn: string;
let signingArn: string;

beforeAll(async () => {
  await ACCOUNT.start();
  webhook = await Webhook.start(() => signing);
  keyArn = await ACCOUNT.createKey('webhook/webhook-1');
  signingArn = await ACCOUNT.createSigningSecret();
  await ACCOUNT.putSecret(signingArn, secret);
  ACCOUNT.parameters.publish('/share-vault/prod/webhook/url', webhook.url);
  await ACCOUNT.createSigningSecret('dev');
  ACCOUNT.parameters.publish('/share-vault/dev/webhook/url', webhook.url);
  ACCOUNT.parameters.publish('/share-vault/dev/keys/webhook/existing', signingArn);
});
afterAll(async () => {
  await webhook.stop();
  await ACCOUNT.stop();
});
beforeEach(() => {
  signing = secret;
  webhook.received.length = 0;
  webhook.troubles.length = 0;
});

function pemFile(text: string | Buffer): string {
  const file = join(mkdtempSync(join(tmpdir(), 'share-vault-pem-')), 'key.pem');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('webhook-test', () => {
  test('sends three deliveries to the published URL and prints their responses', async () => {
    const { code, stdout, stderr } = await run(ARGS);

    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.replace(/\d+ ms/g, 'N ms').split('\n')).toEqual([
      webhook.url,
      'ping     200  Pong                N ms',
      'created  200  Sealed              N ms',
      'revoked  200  Destroyed           N ms',
      '',
    ]);
    expect(webhook.received.map(({ method }) => method)).toEqual(Array(3).fill('POST /webhooks/dynamic'));
  });

  test('seals other material to the webhook key each time, for a wallet that it revokes', async () => {
    await run(ARGS);
    await run(ARGS);

    const [, created, revoked, , again] = webhook.received.map(({ data }) => data);
    expect(created).toMatchObject({
      walletId: expect.stringMatching(/^share-vault-test-[0-9a-f]{16}$/),
      chain: 'TEST',
    });
    expect(revoked).toMatchObject({ walletId: created?.walletId, chain: 'TEST', userId: created?.userId });
    expect(again?.walletId).not.toBe(created?.walletId);
    const [share, other] = [await open(created?.encryptedDelegatedShare), await open(again?.encryptedDelegatedShare)];
    expect(share).toHaveLength(457);
    expect(share.equals(other)).toBe(false);
    expect(await open(created?.encryptedWalletApiKey)).toHaveLength(51);
    expect(created?.encryptedWalletApiKey).toMatchObject({ kid: 'webhook-1' });
  });

  test('sends to the URL that it is given', async () => {
    const { code, stdout } = await run([...ARGS, '--url', `${webhook.url}/other`]);

    expect(code).toBe(0);
    expect(stdout).toContain(`${webhook.url}/other\n`);
    expect(webhook.received[0]?.method).toBe('POST /webhooks/dynamic/other');
  });

  test('signs with the secret on standard input if it is asked to', async () => {
    signing = `dyn_whsec_${randomBytes(16).toString('hex')}`;

    const { code, stdout } = await run([...ARGS, '--secret-stdin'], `${signing}\n`);

    expect(code).toBe(0);
    expect(stdout).not.toContain(signing);
  });

  test('stops after a ping that was not understood, and prints the reason', async () => {
    signing = 'the secret of another webhook';

    const { code, stdout } = await run(ARGS);

    expect(code).toBe(1);
    expect(stdout).toMatch(/ping {5}401 {2}SignatureMismatch {3}\d+ ms\n {2}expected Pong: the vault holds another signing secret.*\(request request-1\)\n$/); // prettier-ignore
    expect(webhook.received.map(({ eventName }) => eventName)).toEqual(['ping', 'ping']);
  });

  test('sends the ping once more if the secret may be too new for the function', async () => {
    webhook.troubles.push({ status: 401, body: { code: 'SignatureMismatch', requestId: 'request-1' } });

    const { code, stdout } = await run(ARGS);

    expect(code).toBe(0);
    expect(stdout).not.toContain('SignatureMismatch');
    expect(webhook.received).toHaveLength(4);
  });

  test('revokes the wallet if an unexpected response leaves open whether it was stored', async () => {
    webhook.troubles.push(undefined, { status: 503, body: { code: 'StoreUnavailable', requestId: 'request-2' } });

    const { code, stdout } = await run(ARGS);

    expect(code).toBe(1);
    expect(stdout).toMatch(/created {2}503 {2}StoreUnavailable .*\n {2}expected Sealed: the database is paused.*\(request request-2\)\nrevoked {2}200 {2}Destroyed/); // prettier-ignore
    expect(webhook.received[2]).toMatchObject({ data: { walletId: webhook.received[1]?.data.walletId } });
  });

  test('fails if the stored record was not destroyed', async () => {
    webhook.troubles.push(undefined, undefined, { status: 200, body: { code: 'Outdated', requestId: 'request-3' } });

    const { code, stdout } = await run(ARGS);

    expect(code).toBe(1);
    expect(stdout).toContain('expected Destroyed: the vault knows something newer');
  });

  test.each<[string, Trouble, string]>([
    ['an empty signing secret', { status: 503, body: { code: 'SecretUnavailable' } }, 'webhook-secret'],
    ['a path that is none', { status: 404, body: { message: 'Not Found' } }, 'ending in /webhooks/dynamic'],
    ['a firewall', { status: 403, body: '<html>' }, 'something before the vault refuses'],
    ['a throttle', { status: 429, body: { message: 'Too Many Requests' } }, 'asks to slow down'],
    ['a function that took too long', { status: 503, body: { message: 'Service Unavailable' } }, 'in time'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9' } }, 'redirects'],
    ['another server', { status: 200, body: 'ok' }, 'this is no response of a vault'],
    ['a server with codes of its own', { status: 200, body: { code: 'Fine\u001b[31m' } }, 'no response of a vault'],
    [
      'a code that is a member of every object',
      { status: 500, body: { code: 'constructor' } },
      'no response of a vault',
    ],
    ['a response that is null', { status: 500, body: null }, 'no response of a vault'],
    ['a broken connection', 'drop', 'nothing responds'],
  ])('explains %s', async (_what, trouble, message) => {
    webhook.troubles.push(trouble);

    const { code, stdout } = await run(ARGS);

    expect(code).toBe(1);
    expect(stdout).toContain(message);
    expect(stdout).not.toContain('\u001b');
    expect(webhook.received).toHaveLength(1);
  });

  test('explains that nothing listens at the URL', async () => {
    const { code, stdout } = await run([...ARGS, '--url', 'http://127.0.0.1:9/webhooks/dynamic']);

    expect(code).toBe(1);
    expect(stdout).toContain('nothing responds at this URL');
  });

  test.each([
    ['in the clear', 'http://vault.example.com/webhooks/dynamic'],
    ['to no URL', 'vault.example.com'],
    ['to a file', 'file:///etc/passwd'],
  ])('sends nothing %s', async (_what, url) => {
    const { code, stderr } = await run([...ARGS, '--url', url]);

    expect(code).toBe(2);
    expect(stderr).toContain('--url: expected the URL of a webhook, https://');
  });

  test('prints what to do while the signing secret is empty', async () => {
    const { code, stderr } = await run(['webhook-test', '--environment', 'dev']);

    expect(code).toBe(1);
    expect(stderr).toMatch(/expected a text in secret arn:\S+, got none: fill it with share-vault webhook-secret\n$/);
  });
});

describe('webhook-test of a vault whose only private key is a secret', () => {
  const args = ['webhook-test', '--environment', 'dev', '--secret-stdin'];
  const spki = PAIR.publicKey.export({ type: 'spki', format: 'pem' });

  test('asks for its public half', async () => {
    const { code, stderr } = await run(args, secret);

    expect(code).toBe(1);
    expect(stderr).toContain('pass its public half with --public-key FILE');
  });

  test('seals to the public half that it is given', async () => {
    const { code } = await run([...args, '--public-key', pemFile(spki)], secret);

    expect(code).toBe(0);
    expect(webhook.received[1]?.data.encryptedWalletApiKey).not.toHaveProperty('kid');
  });

  test.each([
    ['a private key', () => pemFile(PAIR.privateKey.export({ type: 'pkcs8', format: 'pem' })), 2, 'got a private one'],
    ['no file', () => '/nowhere', 2, 'got none that can be read'],
    ['a file of something else', () => pemFile('something else'), 1, 'of at least 2048 bits of the file'],
    ['a key of another kind', () => pemFile(ELLIPTIC), 1, 'of at least 2048 bits of the file'],
    ['a short key', () => pemFile(SHORT), 1, 'of at least 2048 bits of the file'],
  ])('refuses %s', async (_what, file, expected, message) => {
    const { code, stderr } = await run([...args, '--public-key', file()], secret);

    expect(code).toBe(expected);
    expect(stderr).toContain(message);
    expect(webhook.received).toHaveLength(0);
  });
});

test('a delivery without a response in time is distinguished from one without a connection', async () => {
  webhook.troubles.push('hang');

  const posted = await post(new URL(webhook.url), Buffer.from('{"eventName":"ping"}'), secret, 100);

  expect(posted).toMatchObject({ status: undefined, code: 'timeout' });
  expect(explain(posted)).toContain('no response came in time');
});

async function open(envelope: unknown): Promise<Buffer> {
  const { iv, ct, tag, ek } = envelope as HybridEnvelope;
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  const contentKey = await ACCOUNT.unwrap(keyArn, bytes(ek));
  const decipher = createDecipheriv('aes-256-gcm', contentKey, bytes(iv), { authTagLength: 16 });
  decipher.setAuthTag(bytes(tag));
  return Buffer.concat([decipher.update(bytes(ct)), decipher.final()]);
}
