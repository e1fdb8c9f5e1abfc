import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { LocalVault } from '../../local/vault';
import { captureSealRequest } from './capture';
import { type TestWallet, invoke, makeWallet, sealWallet, sql, startTestVault, unsealWallet } from './harness';

let vault: LocalVault;
let kms: KMSClient;
beforeAll(async () => {
  // long enough for the retries of a throttled call, even on a busy machine
  vault = await startTestVault({ timeoutMs: 6_000 });
  kms = new KMSClient({ endpoint: vault.url, region: vault.region, credentials: vault.credentials });
});
afterEach(() => vault.kms.faults.clear());
afterAll(() => vault.close());

/** Counts the log rows of callers only: the rotation below starts a reseal, which logs its openings at any time. */
async function rowsOf({ walletId }: TestWallet): Promise<unknown> {
  const text = `SELECT (SELECT count(*)::int FROM vault.delegated_shares WHERE wallet_id = $1) AS shares,
    (SELECT count(*)::int FROM vault.share_access_log WHERE wallet_id = $1 AND actor = 'signer') AS log`;
  return (await sql(vault, text, [walletId]))[0];
}

/** Invokes once, because the client would retry. */
async function codeOf(name: 'seal' | 'unseal', payload: object): Promise<unknown> {
  return (await invoke(vault, name, payload, 'signer')).body.errorType;
}

const unsealRequest = ({ walletId, chain }: TestWallet) => ({
  kind: 'delegated-share',
  walletId,
  chain,
  recipient: { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' },
  req: 'AAAAAAAAAAAAAAAAAAAAAA',
  reason: 'test',
});

describe('a vault', () => {
  const faults = [
    ['throttled', { error: 'throttle' }, 'KeyThrottled'],
    ['failing', { error: '500' }, 'KeyUnreachable'],
    ['dropping connections', { error: 'drop' }, 'KeyUnreachable'],
    ['slower than the function', { latencyMs: 60_000 }, 'KeyTimeout'],
  ] as const;

  test.each(faults)('seals nothing while KMS is %s, and seals afterwards', async (_how, fault, code) => {
    const wallet = makeWallet();
    const request = await captureSealRequest(vault, wallet);
    vault.kms.faults.set({ operation: 'GenerateDataKey', ...fault });

    expect(await codeOf('seal', request)).toBe(code);
    expect(await rowsOf(wallet)).toEqual({ shares: 0, log: 0 });

    vault.kms.faults.clear();
    expect(await codeOf('seal', request)).toBeUndefined();
  });

  test.each(faults)('unseals nothing while KMS is %s, and keeps the log row', async (_how, fault, code) => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    vault.kms.faults.set({ operation: 'Decrypt', ...fault });

    expect(await codeOf('unseal', unsealRequest(wallet))).toBe(code);
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 2 });

    vault.kms.faults.clear();
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('opens nothing while the share key is disabled', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    await kms.send(new DisableKeyCommand({ KeyId: vault.keys.shareKeyArn }));

    expect(await codeOf('unseal', unsealRequest(wallet))).toBe('KeyUnavailable');
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 2 });

    await kms.send(new EnableKeyCommand({ KeyId: vault.keys.shareKeyArn }));
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('opens nothing while the share key is pending deletion', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: vault.keys.shareKeyArn, PendingWindowInDays: 30 }));

    expect(await codeOf('unseal', unsealRequest(wallet))).toBe('KeyUnavailable');

    await kms.send(new CancelKeyDeletionCommand({ KeyId: vault.keys.shareKeyArn }));
    await kms.send(new EnableKeyCommand({ KeyId: vault.keys.shareKeyArn }));
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test.each([
    ['share', 'shareKeyArn'],
    ['intake', 'intakeKeyArn'],
  ] as const)('seals nothing while the %s key is disabled', async (_which, key) => {
    const wallet = makeWallet();
    const request = await captureSealRequest(vault, wallet);
    await kms.send(new DisableKeyCommand({ KeyId: vault.keys[key] }));

    expect(await codeOf('seal', request)).toBe('KeyUnavailable');
    expect(await rowsOf(wallet)).toEqual({ shares: 0, log: 0 });

    await kms.send(new EnableKeyCommand({ KeyId: vault.keys[key] }));
    expect(await codeOf('seal', request)).toBeUndefined();
  });

  test('opens records from before a rotation of the share key', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: vault.keys.shareKeyArn }));

    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });
});

describe('calls at once', () => {
  // without a time limit: a retry after a timeout would add a row
  beforeAll(async () => {
    for (const name of [vault.functions.seal, vault.functions.unseal]) {
      await vault.lambda.updateFunction(name, { timeoutMs: 60_000 });
    }
  });

  test('the same seal, sent twice, is one record', async () => {
    const wallet = makeWallet();
    const request = await captureSealRequest(vault, wallet);

    const answers = await Promise.all([
      invoke(vault, 'seal', request, 'signer'),
      invoke(vault, 'seal', request, 'signer'),
    ]);

    expect(answers[0].body).toEqual(answers[1].body);
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 1 });
  });

  test('ten unseals of one wallet are ten log rows in one intact chain', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    await Promise.all(Array.from({ length: 10 }, () => unsealWallet(vault, wallet)));

    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 11 });
    expect(await vault.client('auditor').verifyAccessLog(wallet)).toMatchObject({ intact: true });
  });
});
