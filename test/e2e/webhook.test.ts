import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import { deliveryHeaders, pingBody, signBody } from '../../client/delivery';
import { ONE_SEALED, changeReceive, codeOf, createdOf, post, revokedOf, rowsOf } from './deliveries';
import { useWebhookKeys } from './own-key';
import { makeWallet, sealWallet, unsealWallet } from './harness';
import { useWebhookVault, vault, wallet } from './use-webhook-vault';
import { logFolder } from '../support/run';

/** Scripts from another source. Each posts deliveries that senders make or that were once refused. */
const FIELD_CASES = join(__dirname, '../../../shared/samples/field-cases');

useWebhookVault();

const at = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

describe('a created', () => {
  test('is sealed, and the wallet opens to what was delivered', async () => {
    expect(await codeOf(vault, createdOf(wallet, vault.webhook))).toBe('200 Sealed');

    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
    expect(await rowsOf(vault, wallet)).toEqual({ ...ONE_SEALED, log: 2 });
  });

  test('gets a response of a code and a request id, and nothing else', async () => {
    const { status, type, caching, body } = await post(vault, createdOf(wallet, vault.webhook));

    expect({ status, type, caching }).toEqual({ status: 200, type: 'application/json', caching: 'no-store' });
    expect(body).toEqual({ code: 'Sealed', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  test('is logged under the name of the webhook, with the request id that was answered, in an intact chain', async () => {
    const { body } = await post(vault, createdOf(wallet, vault.webhook));
    const auditor = vault.client('auditor');

    const entries = await Array.fromAsync(auditor.accessLog(wallet));

    expect(entries).toMatchObject([
      { sequence: 1, action: 'seal', outcome: 'sealed', actor: 'dynamic:webhook', requestId: body.requestId },
    ]);
    expect(await auditor.verifyAccessLog(wallet)).toMatchObject({ intact: true, length: 1 });
  });

  test('is taken in base64 too: the bytes are what is signed', async () => {
    const body = createdOf(wallet, vault.webhook);
    const headers = { ...deliveryHeaders(body, vault.webhook.secret), 'content-type': 'application/octet-stream' };

    expect(await codeOf(vault, body, headers)).toBe('200 Sealed');
  });

  test('that is newer takes the place of the one before', async () => {
    const newer = { ...wallet, materials: makeWallet().materials };
    await post(vault, createdOf(wallet, vault.webhook, { at: at(-2) }));

    expect(await codeOf(vault, createdOf(newer, vault.webhook, { at: at(-1) }))).toBe('200 Sealed');
    expect(await unsealWallet(vault, wallet)).toEqual(newer.materials);
  });

  test('that is older changes nothing', async () => {
    const older = { ...wallet, materials: makeWallet().materials };
    await post(vault, createdOf(wallet, vault.webhook, { at: at(-1) }));

    expect(await codeOf(vault, createdOf(older, vault.webhook, { at: at(-2) }))).toBe('200 Outdated');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test.each([
    ['the same bytes', {}],
    ['the same event under another message', { messageId: randomUUID() }],
    ['the same message under another event', { eventId: randomUUID() }],
  ])('seen before (%s) changes nothing', async (_what, changes) => {
    const facts = { eventId: randomUUID(), messageId: randomUUID(), at: at(-1) };
    await post(vault, createdOf(wallet, vault.webhook, facts));
    const before = await rowsOf(vault, wallet);

    expect(await codeOf(vault, createdOf(wallet, vault.webhook, { ...facts, ...changes }))).toBe('200 Duplicate');
    expect(await rowsOf(vault, wallet)).toEqual(before);
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('whose event was another wallet’s is refused', async () => {
    const facts = { eventId: randomUUID() };
    await post(vault, createdOf(wallet, vault.webhook, facts));

    expect(await codeOf(vault, createdOf(makeWallet(), vault.webhook, facts))).toBe('400 Conflict');
  });
});

describe('a revoked', () => {
  test('destroys the material: its rows are gone, and nothing opens', async () => {
    await post(vault, createdOf(wallet, vault.webhook, { at: at(-1) }));

    expect(await codeOf(vault, revokedOf(wallet))).toBe('200 Destroyed');

    expect(await rowsOf(vault, wallet)).toMatchObject({ shares: 0, events: 2 });
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });

  test('destroys what was sealed directly too', async () => {
    await sealWallet(vault, wallet);

    expect(await codeOf(vault, revokedOf(wallet, { at: at(1) }))).toBe('200 Destroyed');
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });

  test('that comes before its created keeps that out', async () => {
    await post(vault, revokedOf(wallet, { at: at(-1) }));

    expect(await codeOf(vault, createdOf(wallet, vault.webhook, { at: at(-2) }))).toBe('200 Outdated');
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });

  test('is undone by a created that is newer', async () => {
    await post(vault, revokedOf(wallet, { at: at(-2) }));

    expect(await codeOf(vault, createdOf(wallet, vault.webhook, { at: at(-1) }))).toBe('200 Sealed');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });
});

describe('another event', () => {
  test('that pings gets a response', async () => {
    expect(await codeOf(vault, pingBody(vault.webhook.url))).toBe('200 Pong');
  });

  test('that the vault does not know gets a response too', async () => {
    const event = JSON.parse(pingBody(vault.webhook.url).toString()) as Record<string, unknown>;
    const body = Buffer.from(JSON.stringify({ ...event, eventName: 'wallet.renamed' }));

    expect(await codeOf(vault, body)).toBe('200 Ignored');
  });

  test('is refused like all others if it is not signed', async () => {
    const body = pingBody(vault.webhook.url);

    expect(await codeOf(vault, body, { 'x-dynamic-signature-256': signBody(body, 'another') })).toBe('401 SignatureMismatch'); // prettier-ignore
  });
});

if (existsSync(FIELD_CASES)) describe('deliveries of the field', fieldCases);
else test.todo('deliveries of the field are not tried: expected a folder of them, got none');

function fieldCases(): void {
  /** Returns the printed lines of a script: a name, if any, the status and the code. */
  async function answersOf(folder: string, script: string): Promise<readonly string[]> {
    const pem = join(logFolder(), 'webhook-key.pem');
    writeFileSync(pem, vault.webhook.publicKey);
    const env = { URL_: vault.webhook.url, SECRET_: vault.webhook.secret, PEM_: pem };
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: join(FIELD_CASES, folder), env });
    return stdout.trimEnd().split('\n').map((line) => line.replace(/ +/g, ' ').replace(/\{"code":"(\w+)"\}/, '$1')); // prettier-ignore
  }

  test('a revocation as Dynamic prints it destroys, byte for byte', async () => {
    const named = { ...wallet, walletId: 'rr-1' };
    await post(vault, createdOf(named, vault.webhook, { at: new Date('2026-01-01T00:00:00Z') }));

    const body = readFileSync(join(FIELD_CASES, 'dynamic-revoked-as-documented', 'payload.json'));

    expect(await codeOf(vault, body)).toBe('200 Destroyed');
    await expect(unsealWallet(vault, named)).rejects.toMatchObject({ code: 'Revoked' });
  });

  test.each([
    ['dynamic-revoked-as-documented', 'refused-revocation.mjs', ['created 200 Sealed', 'revoked 200 Destroyed']],
    ['dynamic-alg-label', 'run.mjs', ['200 Sealed']],
    ['envelope-members', 'run.mjs', ['200 Sealed', '200 Sealed', '200 Sealed']],
  ])('of %s, %s are accepted', async (folder, script, answers) => {
    expect(await answersOf(folder, script)).toEqual(answers);
  });

  test('variants that senders use are accepted, but for those without what acting on them needs', async () => {
    const answers = await answersOf('webhook-payloads', 'run.mjs');

    expect(answers.length).toBeGreaterThan(40);
    expect(answers.filter((line) => !/ 200 (Sealed|Destroyed|Ignored|Pong)$/.test(line))).toEqual([
      'created data.userId missing 400 InvalidRequest',
      'created data.userId null, top userId set 400 InvalidRequest',
      'created publicKey missing 400 InvalidRequest',
      // longer than a chain's column
      'created chain eip155:42161 400 InvalidRequest',
      'timestamp epoch ms number 400 InvalidRequest',
      'signature upper-case hex 401 SignatureMismatch',
      'signature without prefix 401 SignatureMismatch',
    ]);
  });
}

describe('a webhook key', () => {
  test.each(['RSA_2048', 'RSA_3072', 'RSA_4096'] as const)('may be %s', async (KeySpec: KeySpec) => {
    const kms = new KMSClient({ endpoint: vault.url, region: vault.region, credentials: vault.credentials });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' }));
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    const lines = Buffer.from(PublicKey ?? []).toString('base64');
    const publicKey = `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
    await useWebhookKeys(vault, { 'own-1': KeyMetadata?.Arn ?? '' });

    expect(await codeOf(vault, createdOf(wallet, { publicKey, kid: 'own-1' }))).toBe('200 Sealed');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
    await changeReceive(vault, {});
  });

  test.each([
    ['none', undefined],
    ['one that the vault does not know', 'assigned-later'],
  ])('is found by trying if a delivery names %s', async (_what, kid) => {
    const body = createdOf(wallet, { publicKey: vault.webhook.publicKey, kid });

    expect(await codeOf(vault, body)).toBe('200 Sealed');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });
});
