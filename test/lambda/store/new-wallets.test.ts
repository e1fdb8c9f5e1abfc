import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { KINDS, type Kind } from '../../../lambda/contract/kinds';
import type { WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newWallet, outcomes, query } from './fixtures';
import { unsealBefore } from './previous-release';
import { database, superuser, unsealer, useStores } from './stores';

useStores(['unsealer']);

const SEALS: Readonly<Record<Kind, readonly [table: string, columns: string, values: string]>> = {
  'delegated-share': ['vault.delegated_shares', 'encrypted_delegated_share, encrypted_wallet_api_key', "'s', 'k'"],
  'server-key-shares': ['vault.server_key_shares', 'encrypted_server_key_shares', "'s'"],
};

/** Commits a wallet's first record between an unseal's lookup of the wallet and that of the record. */
async function racing<T>(kind: Kind, wallet: WalletKey, unseal: () => Promise<T>): Promise<T> {
  const [table, columns, values] = SEALS[kind];
  const sealer = await database.superuser();
  await sealer.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  const result = unseal();
  result.catch(() => undefined);
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_unsealer'";
  while ((await superuser.query(waiting)).rowCount === 0) await sleep(10);
  await sealer.query('INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2)', [wallet.walletId, wallet.chain]);
  await sealer.query(
    `INSERT INTO ${table} (id, wallet_id, chain, ${columns}, encryption_key_id) VALUES ($1, $2, $3, ${values}, 'key')`,
    [randomUUID(), wallet.walletId, wallet.chain],
  );
  await sealer.query('COMMIT');
  return result;
}

describe('an unseal while the first record of its wallet is committed', () => {
  test.each(KINDS)('finds no record of %s, since the log of its wallet would not have the access', async (kind) => {
    const wallet = newWallet();

    const opened = racing(kind, wallet, () => unsealer.unseal(query(wallet, { kind }), caller, soon()));

    await expect(opened).rejects.toThrowWithCode('NotFound');
    await expect(outcomes(superuser, wallet)).resolves.toEqual([]);
    await expect(unsealer.unseal(query(wallet, { kind }), caller, soon())).resolves.toMatchObject({ accessCount: 1 });
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['unseal granted']);
  });

  test('finds no record by the procedure of the former release', async () => {
    const wallet = newWallet();
    const former = await database.login('vault_unsealer');

    await expect(racing('delegated-share', wallet, () => unsealBefore(former, wallet))).resolves.toBe('not-found');
  });
});
