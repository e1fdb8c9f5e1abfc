import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from '@jest/globals';
import { CANARY_CONTEXT } from '../../../lambda/contract/canary-context';
import { VaultError } from '../../../lambda/contract/errors';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { checkRestore } from '../../../lambda/invocation/restore-check';
import { daysSince, lastProven } from '../../../lambda/invocation/last-proven';
import { PostgresRestoreChecks } from '../../../lambda/store/restore-checks';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { soon } from '../../support/postgres';
import {
  ENVIRONMENT,
  canaries,
  check,
  checkEvent,
  checksOf,
  former,
  inCopy,
  keep,
  kms,
  newKey,
  owner,
  parts,
  present,
  restored,
  results,
  useRestoreChecker,
} from './restore-checker';

useRestoreChecker();

const SUCCESSFUL = { status: 'SUCCESSFUL', message: expect.stringMatching(/^the canary of /) };
const minutesAfter = (time: string, minutes: number) =>
  new Date(new Date(time).getTime() + minutes * 60_000).toISOString();

const callsOf = (key: KeyProvider) =>
  kms.kms.calls.filter(({ keyId }) => keyId === key.keyId).map(({ operation }) => operation);
const days = async (changes = {}) => {
  const [call, own] = [{ deadline: soon() }, await parts(changes)];
  return daysSince(await lastProven(call, own), call, own);
};
const throttled = () => Promise.reject(new VaultError('KeyThrottled', 'expected a slower caller, got another'));

describe('a job that is checked more than once', () => {
  test('gets the result of the first time, whatever became of the restored database', async () => {
    const restoreJobId = 'again';
    const first = await check({ restoreJobId });
    const connectTo = () => {
      throw new Error('expected no connection, since the cluster may be gone, got one');
    };

    expect(await check({ restoreJobId }, { connectTo })).toEqual(first);
    expect(await results(restoreJobId)).toEqual(['proven-restore sealed']);
  });

  test('has one result if two checks run at once', async () => {
    const restoreJobId = 'at-once';

    expect(await Promise.all([check({ restoreJobId }), check({ restoreJobId })])).toEqual([SUCCESSFUL, SUCCESSFUL]);
    expect(await results(restoreJobId)).toEqual(['proven-restore sealed']);
  });

  test('stays failed', async () => {
    const restoreJobId = 'failed';
    const event = checkEvent({ restoreJobId, recoveryPointAt: minutesAfter(checkEvent().recoveryPointAt, -180) });
    expect(await check(event)).toMatchObject({ status: 'FAILED' });

    expect(await check({ restoreJobId })).toMatchObject({ status: 'FAILED' });
  });
});

describe('a backup of another time than its job says', () => {
  test('is not proven if it is from before the newest canary that it should have', async () => {
    await keep();
    const later = minutesAfter(checkEvent().recoveryPointAt, 61);
    const times = { recoveryPointAt: later, startedAt: later, completedAt: later };

    const message = 'expected the newest canary from before the backup, got an older one';
    expect(await check(times)).toEqual({ status: 'FAILED', message });
  });

  test('is not proven if its canary is later', async () => {
    const earlier = minutesAfter(checkEvent().recoveryPointAt, -61);

    const message = 'expected a canary from before the backup, got a later one';
    expect(await check({ recoveryPointAt: earlier })).toEqual({ status: 'FAILED', message });
  });

  test.each([
    ['a start before the backup', { startedAt: '2026-01-01T00:00:00.000Z' }],
    ['an end before the start', { completedAt: '2026-01-01T00:00:00.000Z' }],
  ])('is refused with %s', async (_what, times) => {
    await expect(check(times)).rejects.toThrowWithCode('InvalidRequest');
  });
});

describe('the share key of a canary', () => {
  test('is used with the context of canaries only, and never for a record', async () => {
    await keep();
    await check();

    const { calls } = kms.kms;
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(['GenerateDataKey', 'Decrypt']));
    for (const { encryptionContext = {} } of calls) {
      expect(Object.keys(encryptionContext).sort()).toEqual(CANARY_CONTEXT.names);
      expect(encryptionContext).toMatchObject({ kind: CANARY_CONTEXT.kind, environment: ENVIRONMENT });
    }
  });

  test('may be one that only opens; the next canary is under the one that seals', async () => {
    expect(await check()).toEqual(SUCCESSFUL);
    expect(callsOf(former)).toEqual(['Decrypt']);

    kms.kms.calls.length = 0;
    await keep();
    expect(callsOf(present)).toContain('GenerateDataKey');
    expect(callsOf(former)).toEqual([]);
  });

  test('is not enough if it is no longer in the list', async () => {
    expect(await check({}, { shareKey: present })).toEqual({
      status: 'FAILED',
      message: expect.stringMatching(/^the canary does not open: KeyUnavailable: /),
    });
  });

  test('is not enough if it is disabled: the result is written without it', async () => {
    const restoreJobId = 'disabled';
    await kms.client.send(new DisableKeyCommand({ KeyId: former.keyId }));

    const response = await check({ restoreJobId }).finally(() =>
      kms.client.send(new EnableKeyCommand({ KeyId: former.keyId })),
    );

    expect(response).toEqual({ status: 'FAILED', message: expect.stringMatching(/KeyUnavailable/) });
    expect(await results(restoreJobId)).toEqual(['failed-restore']);
  });

  test('of another environment does not open it', async () => {
    expect(await check({}, { environment: 'other' })).toEqual({
      status: 'FAILED',
      message: expect.stringMatching(/^the canary does not open: ContextMismatch: /),
    });
  });
});

describe('a check that is interrupted', () => {
  test('writes no result while KMS asks to slow down, and a retry writes it', async () => {
    const restoreJobId = 'throttled';
    const shareKey = { ...(await parts()).shareKey, unwrapDataKey: throttled };
    await expect(check({ restoreJobId }, { shareKey })).rejects.toThrowWithCode('KeyThrottled');
    expect(await results(restoreJobId)).toEqual([]);

    expect(await check({ restoreJobId })).toEqual(SUCCESSFUL);
  });

  test('between KMS and the database is done again by a retry', async () => {
    const restoreJobId = 'killed';
    const own = await parts();
    const checks = Object.assign(Object.create(own.checks) as PostgresRestoreChecks, {
      writeTest: () => Promise.reject(new Error('killed')),
    });
    await expect(
      checkRestore(checkEvent({ restoreJobId }), { deadline: soon() }, { ...own, checks }),
    ).rejects.toThrow();
    expect(await results(restoreJobId)).toEqual([]);

    expect(await check({ restoreJobId })).toEqual(SUCCESSFUL);
    expect(await results(restoreJobId)).toEqual(['proven-restore sealed']);
  });

  test('by a restored database that does not respond can be retried', async () => {
    const { port } = restored.server;
    const settings = { ...(await restored.settings('vault_restore_checker')), port: port === 1 ? 2 : 1 };
    const event = checkEvent({ restoreJobId: 'away' });
    const connectTo = () => checksOf(settings);

    const attempt = checkRestore(event, { deadline: deadlineIn(500) }, await parts({ connectTo }));
    await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    expect(await results('away')).toEqual([]);
  });

  test('while a canary is kept leaves none, and the next one is kept', async () => {
    const before = await canaries();
    await expect(keep({ shareKey: { ...present, wrapNewDataKey: throttled } })).rejects.toThrowWithCode('KeyThrottled');
    expect(await canaries()).toBe(before);

    await keep();
    expect(await canaries()).toBe(before + 1);
  });
});

describe('a row that was written by hand', () => {
  const writeByHand = (job: string, from: string) =>
    owner.query(
      `SELECT r.* FROM vault.restore_tests AS t, vault_api.write_restore_test($1, t.facts, t.sealed) AS r
        WHERE t.restore_job_id = $2`,
      [job, from],
    );

  test('makes no success of another job', async () => {
    expect(await check({ restoreJobId: 'genuine' })).toEqual(SUCCESSFUL);
    await writeByHand('replayed', 'genuine');

    const message = 'the stored result does not open: ContextMismatch';
    expect(await check({ restoreJobId: 'replayed' })).toEqual({ status: 'FAILED', message });
  });

  test('makes no days since a success', async () => {
    await expect(days()).rejects.toThrowWithCode('ContextMismatch');
    const before = await canaries();
    await expect(keep()).rejects.toThrowWithCode('ContextMismatch');
    expect(await canaries()).toBe(before + 1);

    expect(await check({ restoreJobId: 'genuine-again' })).toEqual(SUCCESSFUL);
    expect(await days()).toBe(0);
  });

  test('makes no success without sealed bytes, or with those of a canary', async () => {
    await owner.query(`SELECT vault_api.write_restore_test('bare', '{}', NULL)`);
    await owner.query(
      `SELECT vault_api.write_restore_test('canary', c.facts, c.sealed) FROM vault.restore_canaries AS c LIMIT 1`,
    );

    const message = 'the stored result does not open: MessageCorrupt';
    expect(await check({ restoreJobId: 'bare' })).toEqual({ status: 'FAILED', message });
    expect(await check({ restoreJobId: 'canary' })).toEqual({ status: 'FAILED', message });
  });

  test('makes no canary of the facts and the bytes of another', async () => {
    const forged = `INSERT INTO vault.restore_canaries (id, made_at, sealed, facts)
      SELECT '00000000-0000-4000-8000-000000000001', now(), sealed, facts FROM vault.restore_canaries ORDER BY made_at LIMIT 1`;
    await owner.query(forged);
    await inCopy(forged);

    const message = expect.stringMatching(/^the canary does not open: ContextMismatch: /);
    expect(await check()).toEqual({ status: 'FAILED', message });
  });

  test('makes no canary of its bytes with other facts, not even by the owner of both databases', async () => {
    await owner.query("DELETE FROM vault.restore_canaries WHERE id::text LIKE '00000000-%'");
    const changed = (from: string, to: string) => `ALTER TABLE vault.restore_canaries DISABLE TRIGGER append_only;
      UPDATE vault.restore_canaries SET facts = replace(facts, '${from}', '${to}');
      ALTER TABLE vault.restore_canaries ENABLE ALWAYS TRIGGER append_only`;
    const [kept, forged] = ['"delegated-share":2', '"delegated-share":0'];
    await owner.query(changed(kept, forged));
    await inCopy(changed(kept, forged));

    const response = await check().finally(() => owner.query(changed(forged, kept)));

    expect(response).toMatchObject({ status: 'FAILED', message: expect.stringMatching(/ContextMismatch/) });
  });
});

describe('the days since a test', () => {
  test('count from the newest success, by the time that is sealed in it', async () => {
    await check();
    await owner.query(`ALTER TABLE vault.restore_tests DISABLE TRIGGER append_only;
      UPDATE vault.restore_tests SET written_at = written_at - interval '30 days';
      ALTER TABLE vault.restore_tests ENABLE ALWAYS TRIGGER append_only`);
    expect(await keep()).toMatchObject({ daysSinceRestoreTest: 0 });
  });

  test('go on after the share key of the newest success is disabled, by what the newest canary remembers', async () => {
    await check({}, { shareKey: createShareKeys(former, [present]) });
    const withBoth = await keep({ shareKey: createShareKeys(present, [former]) });

    // only the key of the canary opens any more
    expect(await days({ shareKey: present })).toBe(withBoth.daysSinceRestoreTest);
    await owner.query(`ALTER TABLE vault.restore_canaries DISABLE TRIGGER append_only;
      UPDATE vault.restore_canaries SET made_at = made_at - interval '20 days' WHERE id <> '${withBoth.canary}';
      ALTER TABLE vault.restore_canaries ENABLE ALWAYS TRIGGER append_only`);
    expect(await days({ shareKey: present })).toBe(0);
    // a key of neither: since the first canary
    expect(await days({ shareKey: await newKey() })).toBe(19);
  });

  test('count from the first canary without a success', async () => {
    await owner.query(`ALTER TABLE vault.restore_tests DISABLE TRIGGER append_only; TRUNCATE vault.restore_tests;
      ALTER TABLE vault.restore_tests ENABLE ALWAYS TRIGGER append_only;
      ALTER TABLE vault.restore_canaries DISABLE TRIGGER append_only;
      UPDATE vault.restore_canaries SET made_at = made_at - interval '9 days' WHERE made_at = (SELECT min(made_at) FROM vault.restore_canaries);
      ALTER TABLE vault.restore_canaries ENABLE ALWAYS TRIGGER append_only`);

    expect(await days()).toBe(28);
  });
});
