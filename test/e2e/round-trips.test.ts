import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import { type CountingProxy, startCountingProxy } from './counting-proxy';
import { codeOf, createdOf } from './deliveries';
import { type TestWallet, makeWallet, sealWallet, startTestVault, unsealWallet } from './harness';

let vault: LocalVault;
let proxy: CountingProxy;

beforeAll(async () => {
  const databaseFront = async (port: number) => (proxy = await startCountingProxy(port)).port;
  vault = await startTestVault({ databaseFront });
  for (const key of ['seal', 'unseal', 'revoke', 'properties', 'audit', 'receive'] as const) {
    const env = { ...vault.functionEnv(key), SHARE_VAULT_DB_PORT: String(proxy.port) };
    await vault.lambda.updateFunction(vault.functions[key], { env });
  }
  // warms up: every function has a process and a connection
  await codeOf(vault, createdOf(makeWallet(), vault.webhook));
  const wallet = makeWallet();
  await sealWallet(vault, wallet);
  await unsealWallet(vault, wallet);
  await readProperties(wallet);
  await vault.client('auditor').records(wallet);
  await vault.client('signer').revoke({ ...wallet, reason: 'warm' });
});
afterAll(async () => {
  await vault.close();
  await proxy.close();
});

/** A wallet that was sealed without properties has none. */
async function readProperties(wallet: TestWallet): Promise<void> {
  await expect(vault.client('auditor').properties(wallet)).rejects.toMatchObject({ code: 'NotFound' });
}

/** An action's cost: the KMS operations in order of their names, and the database's round trips. */
async function costOf(action: () => Promise<unknown>): Promise<unknown> {
  const [calls, trips] = [vault.kms.calls.length, proxy.roundTrips()];
  await action();
  const operations = vault.kms.calls.slice(calls).map(({ operation }) => operation);
  return { kms: operations.sort(), database: proxy.roundTrips() - trips };
}

/** Responds only when two calls are waiting, so sequential calls never get a response. */
function holdUntilTwo(operation: string): () => void {
  const handle = vault.kms.handle.bind(vault.kms);
  let waiting: (() => void)[] = [];
  vault.kms.handle = async (call) => {
    if (call.operation === operation) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) waiting = waiting.flatMap((release) => (release(), []));
      });
    }
    return handle(call);
  };
  return () => (vault.kms.handle = handle);
}

describe('a warm call', () => {
  test('to seal opens and wraps each material once, and writes in one round trip', async () => {
    const wallet = makeWallet();

    expect(await costOf(() => sealWallet(vault, wallet))).toEqual({
      kms: ['Decrypt', 'Decrypt', 'GenerateDataKey', 'GenerateDataKey'],
      database: 1,
    });
  });

  test('to unseal logs and reads in one round trip, and unwraps each material once', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    expect(await costOf(() => unsealWallet(vault, wallet))).toEqual({ kms: ['Decrypt', 'Decrypt'], database: 1 });
  });

  test('of the webhook opens and wraps each material once, and writes in one round trip', async () => {
    const body = createdOf(makeWallet(), vault.webhook);

    expect(await costOf(() => codeOf(vault, body))).toEqual({
      kms: ['Decrypt', 'Decrypt', 'GenerateDataKey', 'GenerateDataKey'],
      database: 1,
    });
  });

  test('to read properties is one round trip and no call of KMS', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    expect(await costOf(() => readProperties(wallet))).toEqual({ kms: [], database: 1 });
  });

  test('to list is one round trip, to revoke two, the first for other spellings of the wallet, and no call of KMS', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    expect(await costOf(() => vault.client('auditor').records(wallet))).toEqual({ kms: [], database: 1 });
    expect(await costOf(() => vault.client('signer').revoke({ ...wallet, reason: 'test' }))).toEqual({ kms: [], database: 2 }); // prettier-ignore
  });
});

describe('the two materials of a record', () => {
  test.each(['Decrypt', 'GenerateDataKey'])('are sealed at the same time (%s)', async (operation) => {
    const release = holdUntilTwo(operation);

    await expect(sealWallet(vault, makeWallet())).resolves.toBeDefined();
    release();
  });

  test('are unsealed at the same time', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    const release = holdUntilTwo('Decrypt');

    await expect(unsealWallet(vault, wallet)).resolves.toEqual(wallet.materials);
    release();
  });
});
