import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../tools/build/bundle';
import type { LocalVault } from '../../local/vault';
import { withoutLine } from '../support/without-line';
import { captureSealRequest } from './capture';
import { CALLS, LIMIT_MS, copiesIn, leaksAfterEach, onLinux, walletsOfManyLengths } from './copies';
import { invoke, makeWallet, sealWallet, sql, startTestVault, unsealWallet } from './harness';

onLinux('the memory of a handler, read by another process right after the call', () => {
  let vault: LocalVault;
  beforeAll(async () => {
    vault = await startTestVault();
  });
  afterAll(() => vault.close());

  test('holds no copy of what it sealed', async () => {
    const wallet = makeWallet();

    await sealWallet(vault, wallet);

    expect(copiesIn(vault, 'seal', [wallet])).toEqual({ processes: 1, copies: 0, enough: true });
  });

  test('holds no copy of what it unsealed', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    await unsealWallet(vault, wallet);

    expect(copiesIn(vault, 'unseal', [wallet])).toEqual({ processes: 1, copies: 0, enough: true });
  });

  test(
    `holds no copy after any of ${CALLS} seals and ${CALLS} unseals of materials of many lengths`,
    async () => {
      const wallets = walletsOfManyLengths(CALLS);

      const leaks = await leaksAfterEach(vault, wallets, {
        seal: (wallet) => sealWallet(vault, wallet),
        unseal: (wallet) => unsealWallet(vault, wallet),
      });

      expect(leaks).toEqual([]);
    },
    LIMIT_MS,
  );
});

onLinux('the memory of a handler after calls that failed', () => {
  let vault: LocalVault;
  beforeAll(async () => {
    vault = await startTestVault({ timeoutMs: 3_000 });
    // a few earlier calls, so that the allocator reuses freed memory as in a long-running process
    for (const wallet of Array.from({ length: 5 }, makeWallet)) {
      await sealWallet(vault, wallet);
      await unsealWallet(vault, wallet);
    }
  });
  afterAll(() => vault.close());

  test.each([
    ['failed', { error: '500' }],
    ['was throttled', { error: 'throttle' }],
    ['dropped the connection', { error: 'drop' }],
    ['did not answer in time', { latencyMs: 60_000 }],
  ] as const)('holds nothing of seals for which KMS %s', async (_how, fault) => {
    const wallets = Array.from({ length: 4 }, makeWallet);
    const requests = await Promise.all(wallets.map((wallet) => captureSealRequest(vault, wallet)));
    vault.kms.faults.set({ operation: 'GenerateDataKey', ...fault });

    const codes = [];
    for (const request of requests) codes.push((await invoke(vault, 'seal', request, 'signer')).body.errorType);
    vault.kms.faults.clear();

    expect(codes).toEqual(new Array(4).fill(expect.stringMatching(/^Key/)));
    expect(copiesIn(vault, 'seal', wallets)).toMatchObject({ copies: 0, enough: true });
  });

  test('holds nothing of unseals of which one material was tampered with', async () => {
    const wallets = Array.from({ length: 4 }, makeWallet);
    for (const wallet of wallets) await sealWallet(vault, wallet);
    const column = 'encrypted_delegated_share';
    const place = `octet_length(${column}) - 1`;
    await sql(vault, `UPDATE vault.delegated_shares SET ${column} = set_byte(${column}, ${place}, get_byte(${column}, ${place}) # 1)`); // prettier-ignore

    for (const wallet of wallets) {
      await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'MessageCorrupt' });
    }

    expect(copiesIn(vault, 'unseal', wallets)).toMatchObject({ copies: 0, enough: true });
  });
});

onLinux('the search of memory, with one wipe taken out', () => {
  let bundles: string;
  beforeAll(async () => {
    bundles = mkdtempSync(join(tmpdir(), 'share-vault-bundles-'));
    const plugins = [
      withoutLine('lambda/keys/envelope.ts', 'wipe(valueIfAny(opened), valueIfAny(made)?.plaintext);'),
      withoutLine('lambda/unseal.ts', 'wipe(valueIfAny(opened), valueIfAny(agreed)?.contentKey);'),
    ];
    await build({ outdir: bundles, plugins });
  });
  afterAll(() => rmSync(bundles, { recursive: true }));

  test('finds copies of what was sealed and of what was unsealed', async () => {
    const vault = await startTestVault({ bundles });
    try {
      const wallet = makeWallet();
      await sealWallet(vault, wallet);
      await unsealWallet(vault, wallet);

      expect(copiesIn(vault, 'seal', [wallet]).copies).toBeGreaterThan(0);
      expect(copiesIn(vault, 'unseal', [wallet]).copies).toBeGreaterThan(0);
    } finally {
      await vault.close();
    }
  });
});
