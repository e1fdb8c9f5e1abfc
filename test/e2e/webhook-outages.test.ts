import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { deliveryHeaders, pingBody } from '../../client/delivery';
import type { LocalVault } from '../../local/vault';
import {
  NOTHING,
  ONE_SEALED,
  changeReceive,
  codeOf,
  createdOf,
  revokedOf,
  rowsOf,
  startPatientVault,
} from './deliveries';
import { type TestWallet, makeWallet, unsealWallet } from './harness';
import { letReceive } from './own-key';
import { type SwitchedProxy, startSwitchedProxy } from './switched-proxy';

/** Long enough for a local delivery, and short enough for a test. */
const SHORT = { SHARE_VAULT_WEBHOOK_BUDGET_MS: '3000' };
/** A process reads the secret again after a wrong signature, but not twice within a second. */
const REREAD_MS = 1_100;

let vault: LocalVault;
/** between the functions that are configured for it and the database */
let proxy: SwitchedProxy;
let kms: KMSClient;
let secretsManager: SecretsManagerClient;
let wallet: TestWallet;
let body: Buffer;
beforeAll(async () => {
  const databaseFront = async (port: number) => (proxy = await startSwitchedProxy(port)).port;
  vault = await startPatientVault({ databaseFront });
  const aws = { endpoint: vault.url, region: vault.region, credentials: vault.credentials };
  kms = new KMSClient(aws);
  secretsManager = new SecretsManagerClient(aws);
});
beforeEach(() => {
  wallet = makeWallet();
  body = createdOf(wallet, vault.webhook);
});
afterEach(async () => {
  vault.kms.faults.clear();
  vault.secrets.faults.clear();
  await changeReceive(vault, {});
});
afterAll(async () => {
  await vault.close();
  await proxy.off();
});

/** Expects that the refused delivery stored nothing, and that the vault seals it when it is sent again. */
async function expectSealedAfterwards(): Promise<void> {
  expect(await rowsOf(vault, wallet)).toEqual(NOTHING);
  vault.kms.faults.clear();
  vault.secrets.faults.clear();
  expect(await codeOf(vault, body)).toBe('200 Sealed');
  expect(await rowsOf(vault, wallet)).toEqual(ONE_SEALED);
  expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
}

describe('a delivery while KMS', () => {
  const faults = [
    ['throttled', { error: 'throttle' }, '503 KeyThrottled'],
    ['failing', { error: '500' }, '503 KeyUnreachable'],
    ['dropping connections', { error: 'drop' }, '503 KeyUnreachable'],
  ] as const;

  test.each(faults)('is %s for an envelope gets 503, then 200', async (_how, fault, answer) => {
    vault.kms.faults.set({ operation: 'Decrypt', ...fault });

    expect(await codeOf(vault, body)).toBe(answer);
    await expectSealedAfterwards();
  });

  test.each(faults)('is %s for a data key gets 503, then 200', async (_how, fault, answer) => {
    vault.kms.faults.set({ operation: 'GenerateDataKey', ...fault });

    expect(await codeOf(vault, body)).toBe(answer);
    await expectSealedAfterwards();
  });

  test.each(['Decrypt', 'GenerateDataKey'])('is slower than the budget (%s) gets 503, then 200', async (operation) => {
    await changeReceive(vault, SHORT);
    vault.kms.faults.set({ operation, latencyMs: 60_000 });

    expect(await codeOf(vault, body)).toBe('503 KeyTimeout');
    await changeReceive(vault, {});
    await expectSealedAfterwards();
  });

  test('throttles one call is sealed after another attempt', async () => {
    vault.kms.faults.set({ operation: 'Decrypt', error: 'throttle', times: 1 });

    expect(await codeOf(vault, body)).toBe('200 Sealed');
  });

  test.each(['webhookKeyArn', 'shareKeyArn'] as const)('has a disabled key (%s) gets 500, then 200', async (key) => {
    // prettier-ignore
    await kms.send(new DisableKeyCommand({ KeyId: vault.keys[key] }));

    expect(await codeOf(vault, body)).toBe('500 KeyUnavailable');

    await kms.send(new EnableKeyCommand({ KeyId: vault.keys[key] }));
    await expectSealedAfterwards();
  });
});

describe('a delivery while the database', () => {
  test('is gone under a connected process gets 503, and the same process seals it afterwards', async () => {
    await changeReceive(vault, { ...SHORT, SHARE_VAULT_DB_PORT: String(proxy.port) });
    await codeOf(vault, createdOf(makeWallet(), vault.webhook));
    const before = vault.lambda.processes();
    await proxy.off();

    expect(await codeOf(vault, body)).toBe('503 StoreUnavailable');
    await proxy.on();
    await expectSealedAfterwards();

    expect(vault.lambda.processes().map(({ pid }) => pid)).toEqual(
      expect.arrayContaining(before.map(({ pid }) => pid)),
    );
  });

  test('is busy for longer than the budget gets 503, and is stored completely or not at all', async () => {
    await changeReceive(vault, SHORT);
    const superuser = await vault.database('superuser');
    await superuser.query('BEGIN; LOCK TABLE vault.webhook_events');

    expect(await codeOf(vault, body)).toBe('503 StoreUnavailable');

    await superuser.query('ROLLBACK');
    await superuser.end();
    expect([NOTHING, ONE_SEALED]).toContainEqual(await rowsOf(vault, wallet));
    expect(await codeOf(vault, body)).toMatch(/^200 (Sealed|Duplicate)$/);
    expect(await rowsOf(vault, wallet)).toEqual(ONE_SEALED);
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('is gone gets 503 if it is a revocation, and destroys afterwards', async () => {
    await codeOf(vault, createdOf(wallet, vault.webhook, { at: new Date(Date.now() - 60_000) }));
    await changeReceive(vault, { ...SHORT, SHARE_VAULT_DB_PORT: String(proxy.port) });
    await proxy.off();
    const revoked = revokedOf(wallet);

    expect(await codeOf(vault, revoked)).toBe('503 StoreUnavailable');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
    await proxy.on();
    expect(await codeOf(vault, revoked)).toBe('200 Destroyed');

    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });
});

describe('a delivery while the signing secret', () => {
  const put = (SecretId: string, SecretString: string) =>
    secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString }));

  /** A second secret, without a value, in place of the vault's. */
  async function useEmptySecret(): Promise<string> {
    const { ARN = '' } = await secretsManager.send(new CreateSecretCommand({ Name: `empty-${randomUUID()}` }));
    letReceive(vault, ARN);
    await changeReceive(vault, { SHARE_VAULT_WEBHOOK_SECRET_ARN: ARN });
    return ARN;
  }

  test('is empty gets 503, and is sealed once it is filled', async () => {
    const arn = await useEmptySecret();

    expect(await codeOf(vault, body)).toBe('503 SecretUnavailable');
    expect(await codeOf(vault, pingBody(vault.webhook.url))).toBe('503 SecretUnavailable');

    await put(arn, vault.webhook.secret);
    await expectSealedAfterwards();
  });

  test.each([
    ['throttled', { error: 'throttle' }],
    ['failing', { error: '500' }],
    ['dropping connections', { error: 'drop' }],
    ['slower than the budget', { latencyMs: 60_000 }],
  ] as const)('can not be read, with Secrets Manager %s, gets 503', async (_how, fault) => {
    await changeReceive(vault, SHORT);
    vault.secrets.faults.set({ operation: 'GetSecretValue', ...fault });

    expect(await codeOf(vault, body)).toBe('503 SecretUnavailable');
    await changeReceive(vault, {});
    await expectSealedAfterwards();
  });

  test('is cached is sealed although Secrets Manager fails', async () => {
    await codeOf(vault, pingBody(vault.webhook.url));
    vault.secrets.faults.set({ error: '500' });

    expect(await codeOf(vault, body)).toBe('200 Sealed');
  });

  test('is replaced is accepted under the new and the former one, and under no older one', async () => {
    const arn = await useEmptySecret();
    const signed = (secret: string) => deliveryHeaders(body, secret);
    await put(arn, 'first');
    await codeOf(vault, body, signed('first'));
    await put(arn, 'second');
    await sleep(REREAD_MS);

    expect(await codeOf(vault, body, signed('second'))).toBe('200 Duplicate');
    expect(await codeOf(vault, body, signed('first'))).toBe('200 Duplicate');

    await put(arn, 'third');
    await vault.lambda.restart(vault.functions.receive);
    expect(await codeOf(vault, body, signed('third'))).toBe('200 Duplicate');
    expect(await codeOf(vault, body, signed('second'))).toBe('200 Duplicate');
    expect(await codeOf(vault, body, signed('first'))).toBe('401 SignatureMismatch');
  });
});

describe('a delivery while a setting of the function', () => {
  test('is invalid gets 500, and is sealed once it is right', async () => {
    await changeReceive(vault, { SHARE_VAULT_WEBHOOK_KEYS: '{}' });

    expect(await codeOf(vault, body)).toBe('500 Misconfigured');
    await changeReceive(vault, {});
    await expectSealedAfterwards();
  });
});
