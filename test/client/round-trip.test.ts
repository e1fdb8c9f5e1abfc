import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { RecipientCurve } from '../../client/index';
import { isCanonicalId } from '../../lambda/contract/canonical';
import { sealInput, unsealInput } from './support/inputs';
import { useFakeVault, vault } from './support/use-fake-vault';

const RUNS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 25 : 1_000;

useFakeVault();

/** Seals and opens materials of these lengths. Returns whether each is unchanged. */
async function roundTrip(shareBytes: number, keyBytes: number, recipientCurve: RecipientCurve): Promise<boolean[]> {
  const client = vault.client({ recipientCurve });
  const materials = { delegatedShare: randomBytes(shareBytes), walletApiKey: randomBytes(keyBytes) };
  const input = sealInput({ materials });
  await client.seal(input);
  using record = await client.unseal(unsealInput(input));
  return [materials.delegatedShare.equals(record.delegatedShare), materials.walletApiKey.equals(record.walletApiKey)];
}

describe('what was sealed is what is unsealed', () => {
  test.each([
    [1, 1],
    [65_536, 65_536],
    [1, 65_536],
  ])('at the bounds: %d and %d bytes', async (share, key) => {
    expect(await roundTrip(share, key, 'P-256')).toEqual([true, true]);
    expect(await roundTrip(share, key, 'X25519')).toEqual([true, true]);
  });

  test('at any length between them', async () => {
    const bytes = fc.integer({ min: 1, max: 65_536 });
    const curve = fc.constantFrom<RecipientCurve>('P-256', 'X25519');
    const property = fc.asyncProperty(bytes, bytes, curve, async (share, key, recipientCurve) => {
      expect(await roundTrip(share, key, recipientCurve)).toEqual([true, true]);
    });

    await fc.assert(property, { numRuns: RUNS });
  });

  test('with ids in any text that the vault takes', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(isCanonicalId);
    const client = vault.client();
    const property = fc.asyncProperty(name, name, async (text, userId) => {
      const input = sealInput({ walletId: `${text}${String(vault.calls.length)}`, userId });
      await client.seal(input);
      using record = await client.unseal(unsealInput(input));
      expect(input.materials.walletApiKey.every((byte, i) => byte === record.walletApiKey[i])).toBe(true);
    });

    await fc.assert(property, { numRuns: RUNS });
  });
});
