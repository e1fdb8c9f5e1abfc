import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../tools/build/bundle';
import type { LocalVault } from '../../local/vault';
import { rsaKeyPair } from '../support/rsa-keys';
import { withoutLine } from '../support/without-line';
import { CALLS, LIMIT_MS, copiesIn, leaksAfterEach, onLinux, walletsOfManyLengths } from './copies';
import { changeReceive, codeOf, createdOf, startPatientVault } from './deliveries';
import { type TestWallet, makeWallet } from './harness';
import { storeSecret, useWebhookKeys } from './own-key';

const NO_COPIES = { processes: 1, copies: 0, enough: true };

async function deliver(vault: LocalVault, wallets: readonly TestWallet[]): Promise<readonly string[]> {
  const codes = [];
  for (const wallet of wallets) codes.push(await codeOf(vault, createdOf(wallet, vault.webhook)));
  return codes;
}

/** Returns the API key's tag with another first character. */
function withAnotherTag(body: string): string {
  return body.replace(
    /("encryptedWalletApiKey":.*"tag":")(.)/,
    (_, before: string, first: string) => before + (first === 'A' ? 'B' : 'A'),
  );
}

onLinux('the memory of the receiver, read by another process right after the delivery', () => {
  let vault: LocalVault;
  beforeAll(async () => {
    vault = await startPatientVault();
  });
  afterAll(() => vault.close());

  test('holds no copy of what it sealed', async () => {
    const wallet = makeWallet();

    expect(await deliver(vault, [wallet])).toEqual(['200 Sealed']);

    expect(copiesIn(vault, 'receive', [wallet])).toEqual(NO_COPIES);
  });

  test(
    `holds no copy after any of ${CALLS} deliveries of materials of many lengths`,
    async () => {
      const wallets = walletsOfManyLengths(CALLS);

      const leaks = await leaksAfterEach(vault, wallets, { receive: (wallet) => deliver(vault, [wallet]) });

      expect(leaks).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each([
    ['was throttled', { error: 'throttle' }],
    ['failed', { error: '500' }],
    ['dropped the connection', { error: 'drop' }],
  ] as const)('holds nothing of deliveries for which KMS %s', async (_how, fault) => {
    const wallets = Array.from({ length: 3 }, makeWallet);
    vault.kms.faults.set({ operation: 'GenerateDataKey', ...fault });

    const codes = await deliver(vault, wallets);
    vault.kms.faults.clear();

    expect(codes).toEqual(new Array(3).fill(expect.stringMatching(/^503 Key/)));
    expect(copiesIn(vault, 'receive', wallets)).toEqual(NO_COPIES);
  });

  test('holds nothing of deliveries of which one material was tampered with', async () => {
    const wallets = Array.from({ length: 4 }, makeWallet);
    const bodies = wallets.map((wallet) => createdOf(wallet, vault.webhook).toString());
    const tampered = bodies.map((body) => Buffer.from(withAnotherTag(body)));

    const codes = [];
    for (const body of tampered) codes.push(await codeOf(vault, body));

    expect(codes).toEqual(new Array(4).fill('400 TransportRejected'));
    expect(copiesIn(vault, 'receive', wallets)).toEqual(NO_COPIES);
  });

  // the key itself stays in memory until the process ends: a key in KMS avoids this
  test('holds no copy of what it opened with a private key that came from Secrets Manager', async () => {
    const { publicKey, privateKey } = rsaKeyPair(2_048);
    const own = await storeSecret(vault, { SecretBinary: privateKey.export({ format: 'der', type: 'pkcs8' }) });
    await useWebhookKeys(vault, { own });
    const wallets = Array.from({ length: 5 }, makeWallet);
    const key = { publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(), kid: 'own' };

    const codes = [];
    for (const wallet of wallets) codes.push(await codeOf(vault, createdOf(wallet, key)));

    expect(codes).toEqual(new Array(5).fill('200 Sealed'));
    expect(copiesIn(vault, 'receive', wallets)).toEqual(NO_COPIES);
    await changeReceive(vault, {});
  });
});

onLinux('the search of memory, with the wipe taken out', () => {
  let bundles: string;
  beforeAll(async () => {
    bundles = mkdtempSync(join(tmpdir(), 'share-vault-bundles-'));
    await build({
      outdir: bundles,
      plugins: [withoutLine('lambda/keys/envelope.ts', 'wipe(valueIfAny(opened), valueIfAny(made)?.plaintext);')],
    });
  });
  afterAll(() => rmSync(bundles, { recursive: true }));

  test('finds copies of what was delivered', async () => {
    const vault = await startPatientVault({ bundles });
    try {
      const wallet = makeWallet();
      await deliver(vault, [wallet]);

      expect(copiesIn(vault, 'receive', [wallet]).copies).toBeGreaterThan(0);
    } finally {
      await vault.close();
    }
  });
});
