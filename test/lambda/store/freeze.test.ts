import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import type { FreezeScope } from '../../../lambda/contract/freezes';
import { migrate } from '../../../lambda/store/migrate';
import { PostgresFreezes } from '../../../lambda/store/freezes';
import { Session } from '../../../lambda/store/session';
import type { WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { deliveredRecord, minutesFromNow, newDelivery, newRecordOf, newWallet, query } from './fixtures';
import { auditor, database, problemOf, receiver, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['auditor', 'receiver', 'revoker', 'sealer', 'unsealer']);

let freezer: PostgresFreezes;
let thawer: PostgresFreezes;
beforeAll(async () => {
  freezer = new PostgresFreezes(new Session(await database.settings('vault_freezer')));
  thawer = new PostgresFreezes(new Session(await database.settings('vault_thawer')));
});
// nothing stays frozen for the next test; only the superuser can do this
afterEach(async () => {
  await superuser.query("UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE thawed_at IS NULL");
});

const by = (actor: string, requestId: string = randomUUID()) => ({ actor, requestId });
const freeze = (scope: FreezeScope) => freezer.freeze(scope, 'ticket 4711', by('guard'), soon());
const ALL: FreezeScope = { scope: 'all' };

async function sealed(kind: (typeof KINDS)[number] = 'delegated-share'): Promise<WalletKey> {
  const wallet = newWallet();
  await sealer.seal(newRecordOf(kind, wallet), by('backend'), soon());
  return wallet;
}
const open = (wallet: WalletKey, actor = 'signer', kind: (typeof KINDS)[number] = 'delegated-share') =>
  unsealer.unseal(query(wallet, { kind }), by(actor), soon());

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

describe('a freeze between the log row and the ciphertext', () => {
  const ITEM = (wallet: WalletKey) =>
    JSON.stringify([{ kind: 'delegated-share', wallet_id: wallet.walletId, chain: wallet.chain }]);

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

  let holder: Client;
  beforeEach(async () => {
    holder = await database.superuser();
    await holdRedeeming(holder);
  });
  afterEach(async () => {
    await holder.query('SELECT pg_advisory_unlock_all()');
    await holder.query('DROP FUNCTION vault.hold CASCADE');
  });

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

describe('a thaw takes two actors:', () => {
  test('one who asks, and another who confirms', async () => {
    const wallet = await sealed();
    const { freezeId } = await freeze(ALL);
    const { confirmUntil } = await freezer.requestThaw(freezeId, 'over', by('guard'), soon());
    expect(Date.parse(confirmUntil) - Date.now()).toBeGreaterThan(14 * 60_000);
    await expect(open(wallet)).rejects.toThrowWithCode('Frozen');

    await thawer.confirmThaw(freezeId, by('second'), soon());

    await open(wallet);
  });

  test('the one who asked can not confirm', async () => {
    const { freezeId } = await freeze(ALL);
    await freezer.requestThaw(freezeId, 'over', by('guard'), soon());

    await expect(thawer.confirmThaw(freezeId, by('guard'), soon())).rejects.toThrowWithCode('Conflict');
  });

  test('without a request nobody can confirm', async () => {
    const { freezeId } = await freeze(ALL);

    await expect(thawer.confirmThaw(freezeId, by('second'), soon())).rejects.toThrowWithCode('Conflict');
  });

  test.each([
    ['15 minutes and a second ago', '15 minutes 1 second', false],
    ['14 minutes ago', '14 minutes', true],
    ['in the future, by a clock that was set back', '-1 minute', false],
  ])('a request of %s', async (_when, ago, accepted) => {
    const { freezeId } = await freeze(ALL);
    await freezer.requestThaw(freezeId, 'over', by('guard'), soon());
    await superuser.query(
      'UPDATE vault.freezes SET thaw_requested_at = clock_timestamp() - $2::interval WHERE id = $1',
      [freezeId, ago],
    );

    const confirmed = thawer.confirmThaw(freezeId, by('second'), soon());
    if (accepted) await confirmed;
    else await expect(confirmed).rejects.toThrowWithCode('Conflict');
  });

  test('the last one who asked counts: it can not confirm, and the one before it can', async () => {
    const { freezeId } = await freeze(ALL);
    await freezer.requestThaw(freezeId, 'over', by('guard'), soon());
    await freezer.requestThaw(freezeId, 'over', by('second'), soon());

    await expect(thawer.confirmThaw(freezeId, by('second'), soon())).rejects.toThrowWithCode('Conflict');
    await thawer.confirmThaw(freezeId, by('guard'), soon());
  });

  test('one thaw lifts one freeze, and the others stay', async () => {
    const wallet = await sealed();
    const first = await freeze(ALL);
    await freeze({ scope: 'kind', name: 'delegated-share' });
    await freezer.requestThaw(first.freezeId, 'over', by('guard'), soon());
    await thawer.confirmThaw(first.freezeId, by('second'), soon());

    await expect(open(wallet)).rejects.toThrowWithCode('Frozen');
  });

  test('a number of no freeze, and one that was thawed', async () => {
    const { freezeId } = await freeze(ALL);
    await freezer.requestThaw(freezeId, 'over', by('guard'), soon());
    await thawer.confirmThaw(freezeId, by('second'), soon());

    await expect(freezer.requestThaw(freezeId, 'again', by('guard'), soon())).rejects.toThrowWithCode('Conflict');
    await expect(thawer.confirmThaw(freezeId, by('third'), soon())).rejects.toThrowWithCode('Conflict');
    await expect(freezer.requestThaw(999_999, 'over', by('guard'), soon())).rejects.toThrowWithCode('NotFound');
    await expect(thawer.confirmThaw(999_999, by('second'), soon())).rejects.toThrowWithCode('NotFound');
  });
});

describe('a repeated request, after its response was lost,', () => {
  test('freezes once', async () => {
    const caller = by('guard');
    const first = await freezer.freeze(ALL, 'ticket', caller, soon());
    expect(await freezer.freeze(ALL, 'ticket', caller, soon())).toEqual(first);
  });

  test('with the id of another request is refused', async () => {
    const caller = by('guard');
    await freezer.freeze(ALL, 'ticket', caller, soon());
    await expect(freezer.freeze({ scope: 'callers' }, 'ticket', caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('thaws once', async () => {
    const { freezeId } = await freeze(ALL);
    await freezer.requestThaw(freezeId, 'over', by('guard'), soon());
    const caller = by('second');
    const first = await thawer.confirmThaw(freezeId, caller, soon());
    expect(await thawer.confirmThaw(freezeId, caller, soon())).toEqual(first);
  });
});

describe('the number of freezes in force', () => {
  test('rises with each freeze and falls with each thaw', async () => {
    const first = await freeze(ALL);
    const second = await freeze({ scope: 'kind', name: 'delegated-share' });
    const requested = await freezer.requestThaw(first.freezeId, 'over', by('guard'), soon());
    const thawed = await thawer.confirmThaw(first.freezeId, by('second'), soon());
    const { inForce } = await thawer.list(soon());

    const counts = [first, second, requested, thawed].map((response) => response.inForce);
    expect([...counts, inForce]).toEqual([1, 2, 2, 1, 1]);
  });

  test('is reported by each migration, so that a day later the alarm is right again', async () => {
    const master = await database.login('share_vault_master');
    await freeze(ALL);

    await expect(migrate(master)).resolves.toMatchObject({ frozen: 1 });
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

describe('with a login in hand', () => {
  test('a freezer can not confirm, and a thawer can neither freeze nor ask', async () => {
    const { freezeId } = await freeze(ALL);
    const asFreezer = await database.login('vault_freezer');
    const asThawer = await database.login('vault_thawer');

    const calls = [
      [asFreezer, "SELECT vault_api.confirm_thaw($1, 'b', 'q')"],
      [asThawer, "SELECT vault_api.request_thaw($1, 'r', 'a', 'q')"],
      [asThawer, "SELECT vault_api.freeze('all', NULL, $1, 'a', 'q')"],
    ] as const;
    for (const [login, call] of calls) await expect(login.query(call, [freezeId])).rejects.toThrow(/permission denied/);
  });

  test('what was done stays on record: the log is append-only for its owner too', async () => {
    await freeze(ALL);
    await expect(superuser.query('DELETE FROM vault.freeze_log')).rejects.toThrow(/appended to/);
    const { freezeId } = await freeze(ALL);
    await freezer.requestThaw(freezeId, 'over', by('guard'), soon());
    await thawer.confirmThaw(freezeId, by('second'), soon());

    const { rows } = await superuser.query(
      'SELECT action, actor FROM vault.freeze_log WHERE freeze_id = $1 ORDER BY id',
      [freezeId],
    );
    expect(rows).toEqual([
      { action: 'freeze', actor: 'guard' },
      { action: 'request-thaw', actor: 'guard' },
      { action: 'thaw', actor: 'second' },
    ]);
  });
});

test('freezes are listed with those in force first', async () => {
  const { freezeId: lifted } = await freeze({ scope: 'actor', name: 'signer' });
  await freezer.requestThaw(lifted, 'over', by('guard'), soon());
  await thawer.confirmThaw(lifted, by('second'), soon());
  const { freezeId } = await freeze(ALL);

  const { freezes: list } = await freezer.list(soon());
  expect(list[0]).toEqual({
    freezeId,
    scope: 'all',
    reason: 'ticket 4711',
    frozenBy: 'guard',
    frozenAt: expect.any(String),
  });
  expect(list.find((each) => each.freezeId === lifted)).toMatchObject({
    scope: 'actor',
    name: 'signer',
    thawRequestedBy: 'guard',
    thawedBy: 'second',
  });
});
