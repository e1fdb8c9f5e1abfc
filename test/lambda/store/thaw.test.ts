import { describe, expect, test } from '@jest/globals';
import { withThaws } from '../../../lambda/store/count-thaws';
import { type Migrated, migrate } from '../../../lambda/store/migrate';
import { soon } from '../../support/postgres';
import { ALL, by, freeze, freezer, open, sealed, thawer, useFreezes } from './freezing';
import { database, superuser } from './stores';

useFreezes();

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

describe('the number of thaws in the log', () => {
  const thawed = async () => withThaws({} as Migrated, await database.login('share_vault_master'));
  const requested = async () => {
    const { freezeId } = await freeze(ALL);
    const login = await database.login('vault_freezer');
    await login.query("SELECT vault_api.request_thaw($1, 'r', 'a', gen_random_uuid()::text)", [freezeId]);
    return freezeId;
  };
  const confirm = "SELECT vault_api.confirm_thaw($1, 'b', gen_random_uuid()::text)";

  test('has a thaw that somebody with both logins made, and has it once', async () => {
    await thawed();
    await (await database.login('vault_thawer')).query(confirm, [await requested()]);

    expect(await thawed()).toEqual({ thawsLogged: 1 });
    expect(await thawed()).toEqual({ thawsLogged: 0 });
  });

  test('has a thaw that was begun before a count and committed after it', async () => {
    await thawed();
    const [slow, fast] = [await database.login('vault_thawer'), await database.login('vault_thawer')];
    await slow.query('BEGIN');
    await slow.query(confirm, [await requested()]);
    await fast.query(confirm, [await requested()]);

    expect(await thawed()).toEqual({ thawsLogged: 1 });
    await slow.query('COMMIT');
    expect(await thawed()).toEqual({ thawsLogged: 1 });
  });

  test('can not be changed with the logins of those who thaw', async () => {
    for (const user of ['vault_freezer', 'vault_thawer']) {
      const login = await database.login(user);
      await expect(login.query('SELECT vault.count_thaws()')).rejects.toThrow(/permission denied/);
      await expect(login.query('INSERT INTO vault.counted_thaws VALUES (1)')).rejects.toThrow(/permission denied/);
    }
  });

  test('is one if it can not be counted: an alarm too many, and none too few', async () => {
    const login = await database.login('vault_thawer');

    expect(await withThaws({} as Migrated, login)).toEqual({
      thawsLogged: 1,
      warnings: ['thaws of the log could not be counted'],
    });
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
