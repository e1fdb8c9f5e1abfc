import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createdBody, deliveryHeaders, pingBody, sealMaterials } from '../../client/delivery';
import type { Handler } from '../../lambda/invocation/handler';
import type { Fault } from '../../local/emulator/services';
import { countSecrets } from '../support/scan';
import { coldReceiveInto } from './webhook/fake-store';
import { type TestKey, gatewayEvent, lambdaContext, readResponse, receiveEnv } from './webhook/receiver';
import { everything, newMaterials, out, receiver, store, used, useReceiver } from './webhook/use-receiver';

/** Enough for the SDK's own retries, in milliseconds. */
const BUDGET_MS = 10_000;
/** More than a delivery takes without faults, even on a busy machine. */
const SHORT_MS = 3_000;
let key: TestKey;
let shareKeyArn = '';
let secretArn = '';
let secret = '';
let handler: Handler;

useReceiver();
beforeAll(async () => {
  key = await receiver.createWebhookKey();
  shareKeyArn = await receiver.createShareKey();
});
/** Gives every test an execution environment of its own, without cached values. */
beforeEach(async () => {
  secret = randomUUID();
  secretArn = await receiver.createSecret(`signing-${secret}`, { SecretString: secret });
  setEnv({});
  handler = await coldReceiveInto(store);
});

function setEnv(change: Record<string, string>): void {
  const parts = { shareKeyArn, webhookKeys: { one: key.arn }, secretArn, budgetMs: BUDGET_MS };
  Object.assign(process.env, receiveEnv(receiver.url, parts), change);
}

function created(publicKey = key.publicKey): Buffer {
  const wallet = { walletId: randomUUID(), chain: 'EVM', userId: 'user-1', publicKey: '0xabc' };
  return createdBody(wallet, sealMaterials(newMaterials(), { publicKey }));
}

const deliver = async (body: Buffer, under = secret, remainingMs = 20_000) =>
  readResponse(await handler(gatewayEvent(body, deliveryHeaders(body, under)), lambdaContext(remainingMs)));

describe('a delivery while KMS', () => {
  test.each<[string, Fault, string, number?]>([
    ['is throttled', { operation: 'Decrypt', error: 'throttle' }, 'KeyThrottled'],
    ['fails', { operation: 'Decrypt', error: '500' }, 'KeyUnreachable'],
    ['drops connections', { operation: 'Decrypt', error: 'drop' }, 'KeyUnreachable'],
    ['is slow to decrypt', { operation: 'Decrypt', latencyMs: 3_600_000 }, 'KeyTimeout', SHORT_MS],
    ['is slow to make a data key', { operation: 'GenerateDataKey', latencyMs: 3_600_000 }, 'KeyTimeout', SHORT_MS],
    ['makes no data keys', { operation: 'GenerateDataKey', error: 'throttle' }, 'KeyThrottled'],
  ])(
    '%s gets 503 and is not stored; the same one succeeds afterwards',
    async (_how, fault, code, budget = BUDGET_MS) => {
      setEnv({ SHARE_VAULT_WEBHOOK_BUDGET_MS: String(budget) });
      const body = created();
      receiver.kms.faults.set(fault);

      expect(await deliver(body)).toEqual({ status: 503, code });
      expect(store.created).toEqual([]);
      receiver.kms.faults.clear();
      expect(await deliver(body)).toEqual({ status: 200, code: 'Sealed' });
    },
  );

  test('is slow gets its response in the time that Lambda leaves, if that is less', async () => {
    setEnv({ SHARE_VAULT_WEBHOOK_BUDGET_MS: '29000' });
    // a slow machine may not even read the signing secret in this time
    await deliver(pingBody('https://vault.example.com'));
    receiver.kms.faults.set({ operation: 'Decrypt', latencyMs: 3_600_000 });

    expect(await deliver(created(), secret, 600)).toEqual({ status: 503, code: 'KeyTimeout' });
  });

  test('lacks the key gets 500', async () => {
    setEnv({ SHARE_VAULT_WEBHOOK_KEYS: JSON.stringify({ one: `${key.arn.slice(0, -4)}0000` }) });

    expect(await deliver(created())).toEqual({ status: 500, code: 'KeyUnavailable' });
  });
});

describe('a delivery while the signing secret', () => {
  test('is empty gets 503, and 200 once it is filled', async () => {
    const empty = await receiver.createSecret(`empty-${secret}`);
    setEnv({ SHARE_VAULT_WEBHOOK_SECRET_ARN: empty });
    const ping = pingBody('https://vault.example.com');

    expect(await deliver(ping)).toEqual({ status: 503, code: 'SecretUnavailable' });
    await receiver.putSecret(empty, secret);
    expect(await deliver(ping)).toEqual({ status: 200, code: 'Pong' });
  });

  test.each<[string, Fault, number?]>([
    ['is throttled', { error: 'throttle' }],
    ['can not be reached', { error: 'drop' }],
    ['is slow', { latencyMs: 3_600_000 }, SHORT_MS],
  ])('%s gets 503, and 200 afterwards', async (_how, fault, budget = BUDGET_MS) => {
    setEnv({ SHARE_VAULT_WEBHOOK_BUDGET_MS: String(budget) });
    receiver.secrets.faults.set(fault);
    const body = created();

    expect(await deliver(body)).toEqual({ status: 503, code: 'SecretUnavailable' });
    receiver.secrets.faults.clear();
    expect(await deliver(body)).toEqual({ status: 200, code: 'Sealed' });
  });

  test('has just been replaced is accepted under both', async () => {
    await receiver.putSecret(secretArn, `${secret}-new`);

    expect(await deliver(created(), secret)).toEqual({ status: 200, code: 'Sealed' });
    expect(await deliver(created(), `${secret}-new`)).toEqual({ status: 200, code: 'Sealed' });
    expect(await deliver(created(), `${secret}-newer`)).toEqual({ status: 401, code: 'SignatureMismatch' });
  });

  test('was replaced twice is not accepted under the first', async () => {
    await receiver.putSecret(secretArn, `${secret}-new`);
    await receiver.putSecret(secretArn, `${secret}-newer`);

    expect(await deliver(created(), secret)).toEqual({ status: 401, code: 'SignatureMismatch' });
  });
});

test('a delivery to a private key in a secret is sealed, beside a key of KMS', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const SecretBinary = privateKey.export({ type: 'pkcs8', format: 'der' });
  const own = await receiver.createSecret(`own-${secret}`, { SecretBinary });
  setEnv({ SHARE_VAULT_WEBHOOK_KEYS: JSON.stringify({ one: key.arn, own }) });

  expect(await deliver(created(publicKey))).toEqual({ status: 200, code: 'Sealed' });
  expect(await deliver(created())).toEqual({ status: 200, code: 'Sealed' });
});

describe('a function that is not set up', () => {
  test('responds with 500 and a code, and sets up once it can', async () => {
    setEnv({ SHARE_VAULT_WEBHOOK_KEYS: 'hunter2' });

    expect(await deliver(created())).toEqual({ status: 500, code: 'Misconfigured' });
    expect(out.at(-1)).toContain('SHARE_VAULT_WEBHOOK_KEYS: expected a JSON object');
    setEnv({});
    expect(await deliver(created())).toEqual({ status: 200, code: 'Sealed' });
  });

  test('responds with 500 to an unexpected error', async () => {
    store.onCreated = () => Promise.reject(new TypeError('hunter2'));

    expect(await deliver(created())).toEqual({ status: 500, code: 'InternalError' });
    expect(out.at(-1)).not.toContain('hunter2');
  });
});

test('no material is in any line', () => {
  expect([used.length, everything.length]).not.toContain(0);
  expect(countSecrets(Buffer.from(everything.join('')), used)).toBe(0);
});
