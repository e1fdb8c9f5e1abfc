import { expect, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import type { NamedWallet } from '../../../lambda/contract/wallet';
import { walletsToRevoke } from '../../../lambda/store/revocation';
import { FakeStore } from '../webhook/fake-store';

const find = (wallet: NamedWallet, ...stored: readonly string[]) => {
  const store = new FakeStore();
  store.wallets.push(...stored.map((chain) => ({ walletId: 'wallet-1', chain })));
  return walletsToRevoke(wallet, store, deadlineIn(1_000));
};

test.each(['EVM', 'evm', 'EVM ', 'EVM\u200b'])('a revocation for %j means the one canonical wallet', async (chain) => {
  await expect(find({ walletId: 'wallet-1', chain })).resolves.toEqual({
    canonical: { walletId: 'wallet-1', chain: 'EVM' },
    others: [],
  });
});

test('a revocation means every stored spelling of its chain, and no other chain', async () => {
  const { canonical, others } = await find({ walletId: 'wallet-1', chain: 'EVM' }, 'EVM', 'evm', 'EVM ', 'SVM', 'EVM1');

  expect(canonical).toEqual({ walletId: 'wallet-1', chain: 'EVM' });
  expect(others.map(({ chain }) => chain)).toEqual(['evm', 'EVM ']);
});

test('a revocation without a chain means every stored chain of its wallet', async () => {
  await expect(find({ walletId: 'wallet-1' }, 'EVM', 'SVM')).resolves.toEqual({
    others: [
      { walletId: 'wallet-1', chain: 'EVM' },
      { walletId: 'wallet-1', chain: 'SVM' },
    ],
  });
});

test('a revocation for a chain that looks like none means the one that is stored so', async () => {
  const { canonical, others } = await find({ walletId: 'wallet-1', chain: 'a.b' }, 'a.b', 'EVM');

  expect(canonical).toBeUndefined();
  expect(others).toEqual([{ walletId: 'wallet-1', chain: 'a.b' }]);
});

test('a revocation for an id with invisible characters means the id without them too', async () => {
  const { canonical, others } = await find({ walletId: ' wallet-1\u200b\0', chain: 'EVM' }, 'evm');

  expect(canonical).toEqual({ walletId: 'wallet-1', chain: 'EVM' });
  expect(others).toEqual([{ walletId: 'wallet-1', chain: 'evm' }]);
});
