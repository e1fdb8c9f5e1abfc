import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { createClient } from '@redis/client';
import timers from 'node:timers/promises';
import { redisStore } from './examples';
import { serverKeySharesInput } from './support/inputs';
import { RespServer } from './support/resp-server';
import { client as writer, useFakeVault, vault } from './support/use-fake-vault';

/* `SHARE_VAULT_REDIS_URL` names a Redis to test against, in place of the server of its protocol below. */

useFakeVault();

const { setTimeout: wait } = timers;
/** As in client/properties-store.ts: a busy machine can take longer, and the client then does without the store. */
const STORE_TIMEOUT_MS = 100;
beforeEach(() => {
  jest
    .spyOn(timers, 'setTimeout')
    .mockImplementation((ms, value, options) => wait(ms === STORE_TIMEOUT_MS ? 60_000 : ms, value, options));
});

let server: RespServer;
let redis: ReturnType<typeof createClient>;
beforeAll(async () => {
  server = await RespServer.start();
  redis = createClient({ url: process.env.SHARE_VAULT_REDIS_URL ?? server.url, disableOfflineQueue: true });
  redis.on('error', () => undefined);
  await redis.connect();
});
afterAll(async () => {
  redis.destroy();
  await server.stop();
});

const otherProcess = (ttlMs = 60_000) => vault.client({ propertiesCache: { ttlMs, store: redisStore(redis) } });

async function sealedWallet(walletProperties: string) {
  const input = serverKeySharesInput({ walletProperties });
  await writer.sealServerKeyShares(input);
  vault.calls.length = 0;
  return { walletId: input.walletId, chain: input.chain };
}

test('processes share wallet properties by way of Redis', async () => {
  const walletProperties = '{"note":"für später \\u0000"}';
  const wallet = await sealedWallet(walletProperties);

  const first = await otherProcess().walletProperties(wallet);
  const second = await otherProcess().walletProperties(wallet);

  expect(first.walletProperties).toBe(walletProperties);
  expect(second).toEqual(first);
  expect(vault.calls).toHaveLength(1);
});

test('Redis drops an entry after its time', async () => {
  const wallet = await sealedWallet('{}');

  const key = `share-vault:properties:${JSON.stringify(['dev', 'vault-properties', wallet.walletId, 'EVM'])}`;

  await otherProcess().walletProperties(wallet);
  expect(await redis.get(key)).toContain('"version":1');
  await otherProcess(20).walletProperties(wallet, { fresh: true });

  while ((await redis.get(key)) !== null) await wait(5);
  await otherProcess().walletProperties(wallet);
  expect(vault.calls).toHaveLength(3);
});

test('a read does without a Redis that is not connected', async () => {
  const wallet = await sealedWallet('{}');
  const unconnected = createClient({ url: server.url, disableOfflineQueue: true });

  const client = vault.client({ propertiesCache: { store: redisStore(unconnected) } });

  expect(await client.walletProperties(wallet)).toMatchObject({ version: 1 });
});
