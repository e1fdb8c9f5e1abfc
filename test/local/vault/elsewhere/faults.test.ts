import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { type LocalFault, type RunningVault, startLocalVault } from '../../../../local/index';
import { makeWallet } from '../../../e2e/harness';
import { synthesized } from '../../../support/synthesized';

const TEMPLATE = join(synthesized(join(__dirname, 'keys-stack.ts')), 'ShareVault-dev.template.json');
const KIND = 'delegated-share';
const STAND_INS = ['google', 'azure', 'vault'];

let vault: RunningVault;
beforeAll(async () => {
  vault = await startLocalVault({ template: TEMPLATE });
}, 120_000);
afterAll(() => vault.close());
afterEach(async () => {
  for (const name of STAND_INS) await vault.setFault(name);
});

describe('a seal of a vault with keys at Google, Azure and HashiCorp Vault', () => {
  test.each<[string, LocalFault['fault'], string, string]>([
    ['google', 'throttled', ':encrypt', 'KeyThrottled'],
    ['vault', 'throttled', '/transit/encrypt/', 'KeyThrottled'],
    ['azure', 'failing', 'local-hsm.managedhsm.azure.net/keys/', 'KeyUnreachable'],
    ['vault', 'failing', '/transit/', 'KeyUnreachable'],
    ['google', 'denied', ':encrypt', 'KeyUnavailable'],
    ['azure', 'missing', '/wrapkey', 'KeyUnavailable'],
    ['vault', 'missing', '/transit/encrypt/', 'KeyUnavailable'],
    ['google', 'dropping', ':encrypt', 'KeyUnreachable'],
    ['azure', 'not-json', '/wrapkey', 'KeyUnreachable'],
    ['google', 'changed', ':encrypt', 'KeyUnreachable'],
  ])('stores nothing and ends with its code: %s, %s at %s', async (standIn, fault, path, code) => {
    const { walletId, chain, ...wallet } = makeWallet();
    const seal = (): Promise<unknown> => vault.client('backend').seal({ kind: KIND, walletId, chain, ...wallet });
    await vault.setFault(standIn, { fault, path });

    await expect(seal()).rejects.toMatchObject({ code });

    const { records } = await vault.client('auditor').records({ walletId, chain });
    expect(records).toEqual([]);
  });

  test('succeeds once a fault of some requests is over', async () => {
    const wallet = makeWallet();
    await vault.setFault('google', { fault: 'failing', times: 1, path: ':encrypt' });

    await expect(vault.client('backend').seal({ kind: KIND, ...wallet })).resolves.toBeDefined();
  });
});

test('a fault of an unknown stand-in is refused', async () => {
  await expect(vault.setFault('oracle', { fault: 'failing' })).rejects.toThrow(
    'expected a stand-in that runs (google, azure, vault), got another name',
  );
});
