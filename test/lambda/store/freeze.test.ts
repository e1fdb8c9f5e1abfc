import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import type { FreezeScope } from '../../../lambda/contract/freezes';
import type { WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { deliveredRecord, minutesFromNow, newDelivery, newWallet, query } from './fixtures';
import { ALL, by, freeze, open, sealed, useFreezes } from './freezing';
import { auditor, database, problemOf, receiver, revoker, superuser, unsealer } from './stores';

useFreezes();

describe('a freeze stops openings from the next call on:', () => {
  test.each<[string, FreezeScope]>([
    ['all', ALL],
    ['those of callers', { scope: 'callers' }],
    ['those of an actor', { scope: 'actor', name: 'signer' }],
    ['those of a kind', { scope: 'kind', name: 'delegated-share' }],
  ])('%s', async (_what, scope) => {
    const wallet = await sealed();
    await open(wallet);
    await freeze(scope);

    await expect(open(wallet)).rejects.toThrowWithCode('Frozen');
  });

  test('another actor and another kind go on opening', async () => {
    const [share, keyShares] = [await sealed(), await sealed('server-key-shares')];
    await freeze({ scope: 'actor', name: 'signer' });
    await open(share, 'other');
    await freeze({ scope: 'kind', name: 'server-key-shares' });
    await open(share, 'other');

    await expect(open(share)).rejects.toThrowWithCode('Frozen');
    await expect(open(keyShares, 'other', 'server-key-shares')).rejects.toThrowWithCode('Frozen');
  });

  test('of a batch only the frozen items', async () => {
    const [share, keyShares] = [await sealed(), await sealed('server-key-shares')];
    await freeze({ scope: 'kind', name: 'delegated-share' });
    const items = [query(share), query(keyShares, { kind: 'server-key-shares' })];

    const [first, second] = await unsealer.unsealAll(items, 'to sign', by('signer'), soon());

    expect(first).toMatchObject({ name: 'Frozen' });
    expect(second).toMatchObject({ sealed: { serverKeyShares: expect.any(Buffer) } });
  });

  test('a wallet that is missing or revoked looks no other than one that is there', async () => {
    const revoked = await sealed();
    await revoker.revoke(revoked, KINDS, 'leak', by('guard'), soon());
    await freeze(ALL);

    for (const wallet of [revoked, newWallet()]) await expect(open(wallet)).rejects.toThrowWithCode('Frozen');
  });

  test('each attempt has a row in the log, and the chain is intact', async () => {
    const wallet = await sealed();
    await freeze(ALL);
    await expect(open(wallet)).rejects.toThrowWithCode('Frozen');

    const rows = await auditor.log(wallet, 1, 10, soon());
    expect(rows.map(({ action, outcome }) => [action, outcome])).toEqual([['unseal', 'frozen']]);
    expect(await problemOf(wallet)).toBeUndefined();
  });

  test('what comes in is still sealed, and what is revoked is destroyed', async () => {
    await freeze(ALL);
    const wallet = await sealed();
    const delivered = newWallet();
    const outcome = await receiver.receiveCreated(deliveredRecord(delivered), newDelivery(minutesFromNow(-1)), soon());
    const { revoked } = await revoker.revoke(wallet, KINDS, 'leak', by('guard'), soon());

    expect([outcome, revoked]).toEqual(['sealed', 1]);
  });
});

/** Holds up every second transaction, which redeems the ticket that the first one committed. */
async function holdRedeeming(holder: Client): Promise<void> {
  await holder.query('SELECT pg_advisory_lock(7)');
  await holder.query(`CREATE FUNCTION vault.hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(7); RETURN OLD; END $$`);
  for (const table of ['unseal_tickets', 'batch_tickets']) {
    await holder.query(
      `CREATE TRIGGER hold BEFORE DELETE ON vault.${table} FOR EACH ROW EXECUTE FUNCTION vault.hold()`,
    );
  }
}

async function untilHeld(holder: Client): Promise<void> {
  for (;;) {
    const { rows } = await holder.query(
      "SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND usename = 'vault_unsealer'",
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function release(holder: Client): Promise<void> {
  await holder.query('SELECT pg_advisory_unlock_all()');
  await holder.query('DROP FUNCTION vault.hold CASCADE');
}

describe('a freeze between the log row and the ciphertext', () => {
  const ITEM = (wallet: WalletKey) =>
    JSON.stringify([{ kind: 'delegated-share', wallet_id: wallet.walletId, chain: wallet.chain }]);

  let holder: Client;
  beforeEach(async () => {
    holder = await database.superuser();
    await holdRedeeming(holder);
  });
  afterEach(() => release(holder));

  test.each<[string, string, (wallet: WalletKey) => readonly unknown[]]>([
    ['unseal_records', "CALL vault_api.unseal_records($1::json, 'to sign', 'signer', 'q', NULL)", (w) => [ITEM(w)]],
    [
      'the procedure of former releases',
      `CALL vault_api.unseal_delegated_share($1, $2, NULL, 'to sign', 'signer', 'q'${', NULL'.repeat(9)})`,
      ({ walletId, chain }) => [walletId, chain],
    ],
  ])('lets nothing out of %s', async (_which, call, values) => {
    for (const scope of [ALL, { scope: 'actor', name: 'signer' }] satisfies FreezeScope[]) {
      const wallet = await sealed();
      const client = await database.login('vault_unsealer');
      const opening = client.query<Readonly<Record<string, unknown>>>(call, [...values(wallet)]);
      await untilHeld(holder);
      await freeze(scope);
      await holder.query('SELECT pg_advisory_unlock(7)');

      const [row] = (await opening).rows;
      expect(row?.results ?? [row]).toMatchObject([{ outcome: 'frozen' }]);
      expect(JSON.stringify(row)).not.toMatch(/[0-9a-f]{64}/);
      await superuser.query("UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE thawed_at IS NULL");
      await holder.query('SELECT pg_advisory_lock(7)');
    }
  });
});

describe('a freeze of a kind between the log rows and the ciphertext of a batch', () => {
  test('lets out only the items of the other kind', async () => {
    const [share, keyShares] = [await sealed(), await sealed('server-key-shares')];
    const holder = await database.superuser();
    await holdRedeeming(holder);
    const items = [query(share), query(keyShares, { kind: 'server-key-shares' })];
    const opening = unsealer.unsealAll(items, 'to sign', by('signer'), soon());
    await untilHeld(holder);
    await freeze({ scope: 'kind', name: 'delegated-share' });
    await release(holder);

    const [first, second] = await opening;

    expect(first).toMatchObject({ name: 'Frozen' });
    expect(second).toMatchObject({ sealed: { serverKeyShares: expect.any(Buffer) } });
  });
});

describe('while a session holds the locks of wallets, and of every row that an unseal changes,', () => {
  test('a freeze has its effect at once', async () => {
    const wallet = await sealed();
    const holder = await database.superuser();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE vault.wallets, vault.delegated_shares, vault.share_access_log IN EXCLUSIVE MODE');

    await freeze(ALL);

    await holder.query('ROLLBACK');
    await expect(open(wallet)).rejects.toThrowWithCode('Frozen');
  });
});
