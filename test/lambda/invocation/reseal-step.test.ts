import { randomUUID } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { KINDS } from '../../../lambda/contract/kinds';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { writeReceipt } from '../../../lambda/invocation/reseal-receipt';
import { resealStep } from '../../../lambda/invocation/reseal-step';
import type { ResealParts } from '../../../lambda/invocation/reseals';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { soon } from '../../support/postgres';
import { problemOf, superuser } from '../store/stores';
import {
  callFor,
  endLeases,
  former,
  freezer,
  kms,
  materialOf,
  newKey,
  parts,
  places,
  present,
  reseals,
  rotate,
  run,
  sealedUnder,
  unsealOwn,
  useResealer,
} from './resealer';

useResealer();

const step = (changes: Partial<ResealParts> = {}) => resealStep(callFor(), parts(changes), () => undefined);
const listed = (...more: readonly KeyProvider[]) => [present, former, ...more].map(({ keyId }) => keyId);
const onTarget = async () => [`${present.keyId} ${await materialOf(present)}`];

describe('a step', () => {
  test.each(KINDS)('moves records of the kind %s from a former key to the present one', async (kind) => {
    const records = [await sealedUnder(former, { kind }), await sealedUnder(former, { kind })];

    expect(await step()).toEqual({ next: 'receipt', resealed: 2, changed: 0, failed: 0 });
    expect(await places()).toEqual(await onTarget());
    for (const record of records) {
      await unsealOwn(record);
      expect(await problemOf(record)).toBeUndefined();
    }
  });

  test('moves records of a former material, and leaves those of the present one', async () => {
    const old = await sealedUnder(present);
    await rotate(present);
    const fresh = await sealedUnder(present);

    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
    expect(await places()).toEqual(await onTarget());
    await Promise.all([old, fresh].map((record) => unsealOwn(record)));
  });

  test('reports its counts after each page', async () => {
    await sealedUnder(former);
    const reported: unknown[] = [];
    await resealStep(callFor(), parts(), (counts) => reported.push({ ...counts }));

    expect(reported).toEqual([{ resealed: 1, changed: 0, failed: 0 }]);
  });

  test('does one page if its time is short, and asks for another step', async () => {
    await sealedUnder(former);
    const short = resealStep(callFor(run, deadlineIn(10_000)), parts(), () => undefined);

    expect(await short).toMatchObject({ next: 'step', resealed: 1 });
  });

  test('waits if others have claimed what is left', async () => {
    await sealedUnder(former);
    await reseals.start(run, { keyId: present.keyId, keyMaterialId: '' }, soon());
    await reseals.claim(run, [former.keyId], 100, 'other', soon());

    expect(await step()).toMatchObject({ next: 'wait', resealed: 0 });
  });
});

describe('a record that can not be resealed', () => {
  test('is counted if its bytes were changed, and the run goes on', async () => {
    const broken = await sealedUnder(former);
    const whole = await sealedUnder(former);
    await superuser.query(
      `UPDATE vault.delegated_shares SET encrypted_wallet_api_key = overlay(encrypted_wallet_api_key PLACING '\\x00'::bytea
        FROM octet_length(encrypted_wallet_api_key)) WHERE id = $1`,
      [broken.recordId],
    );

    expect(await step()).toEqual({ next: 'receipt', resealed: 1, changed: 0, failed: 1 });
    await unsealOwn(whole);
    expect(await failures()).toEqual([`${broken.recordId} MessageCorrupt`]);
  });

  test('is counted if it has the bytes of another wallet', async () => {
    const [one, two] = [await sealedUnder(former), await sealedUnder(former)];
    await superuser.query(
      `UPDATE vault.delegated_shares AS s SET encrypted_delegated_share = o.encrypted_delegated_share
        FROM vault.delegated_shares AS o WHERE s.id = $1 AND o.id = $2`,
      [one.recordId, two.recordId],
    );

    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1, failed: 1 });
    expect(await failures()).toEqual([`${one.recordId} ContextMismatch`]);
  });

  test('is counted if its bytes are of a key that is not listed, whatever its row says', async () => {
    const record = await sealedUnder(await newKey());
    await superuser.query('UPDATE vault.delegated_shares SET encryption_key_id = $1', [former.keyId]);
    kms.kms.calls.length = 0;

    expect(await step()).toMatchObject({ next: 'receipt', failed: 1 });
    expect(await failures()).toEqual([`${record.recordId} KeyNotListed`]);
    expect(kms.kms.calls.filter(({ operation }) => operation === 'Decrypt')).toEqual([]);
  });
});

async function failures(): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ failure: string }>(
    "SELECT record_id || ' ' || code AS failure FROM vault.reseal_failures WHERE run = $1 ORDER BY 1",
    [run],
  );
  return rows.map(({ failure }) => failure);
}

describe('a failure that is no record’s own', () => {
  test('of a former key that is disabled leaves its records, and those of the other keys are resealed', async () => {
    const another = await newKey();
    const keys = { shareKey: createShareKeys(present, [former, another]), keyIds: listed(another) };
    const left = [await sealedUnder(former), await sealedUnder(former, { kind: 'server-key-shares' })];
    const moved = await sealedUnder(another);
    await kms.client.send(new DisableKeyCommand({ KeyId: former.keyId }));

    expect(await step(keys)).toMatchObject({ next: 'receipt', resealed: 1, failed: 0 });
    await unsealOwn(moved);
    expect(await writeReceipt(callFor(), parts(keys))).toMatchObject({ next: 'fail', resealed: 1, failed: 2 });
    const expected = left.map(({ recordId }) => `${recordId} KeyUnavailable`).sort();
    expect(await failures()).toEqual(expected);

    await kms.client.send(new EnableKeyCommand({ KeyId: former.keyId }));
    await endLeases();
    const next = callFor(`${run}-next`);
    expect(await resealStep(next, parts(keys), () => undefined)).toMatchObject({ next: 'receipt', resealed: 2 });
    expect(await writeReceipt(next, parts(keys))).toMatchObject({ next: 'succeed', resealed: 2, failed: 0 });
    for (const record of left) await unsealOwn(record);
  });

  test('of a disabled former key is met once: the next step of the run asks it nothing', async () => {
    await sealedUnder(former);
    await kms.client.send(new DisableKeyCommand({ KeyId: former.keyId }));
    await step();
    await endLeases();
    kms.kms.calls.length = 0;

    expect(await step()).toMatchObject({ next: 'receipt', resealed: 0 });
    expect(kms.kms.calls.filter(({ operation }) => operation === 'Decrypt')).toEqual([]);
  });

  test('of the present key in the middle of a page ends the step after what was done is stored', async () => {
    const records = [await sealedUnder(former), await sealedUnder(former), await sealedUnder(former)];
    let sealings = 0;
    const failing = createShareKeys(
      {
        ...present,
        wrapNewDataKey: async (...args) => {
          sealings += 1;
          if (sealings > 2) await kms.client.send(new DisableKeyCommand({ KeyId: present.keyId }));
          return present.wrapNewDataKey(...args);
        },
      },
      [former],
    );

    await expect(step({ shareKey: failing })).rejects.toThrow(present.keyId);
    await kms.client.send(new EnableKeyCommand({ KeyId: present.keyId }));
    await endLeases();
    expect(await step()).toMatchObject({ next: 'receipt' });
    expect(await places()).toEqual(await onTarget());
    for (const record of records) await unsealOwn(record);
  });

  test('of KMS that asks to slow down pauses the run and counts no record', async () => {
    await sealedUnder(former);
    kms.kms.faults.set({ operation: 'GenerateDataKey', error: 'throttle' });

    expect(await step()).toEqual({ next: 'wait', resealed: 0, changed: 0, failed: 0 });
    kms.kms.faults.clear();
    expect(await step()).toMatchObject({ next: 'wait', resealed: 0 });
    await endLeases();
    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
  });

  test.each([['all' as const], ['kind' as const]])('of a freeze of %s ends the step', async (scope) => {
    await sealedUnder(former);
    const freeze = scope === 'all' ? { scope } : { scope, name: 'delegated-share' as const };
    await freezer.freeze(freeze, 'ticket', { actor: 'guard', requestId: randomUUID() }, soon());

    await expect(step()).rejects.toThrowWithCode('Frozen');
    expect(await places()).toEqual([`${former.keyId} ${await materialOf(former)}`]);
  });

  test('of slow keys stores what was done while the claims last, and leaves the rest to the next page', async () => {
    for (let number = 0; number < 40; number++) await sealedUnder(former);
    const both = parts().shareKey;
    const now = performance.now.bind(performance);
    let slowMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + slowMs);
    const slow = {
      ...both,
      wrapNewDataKey: async (...args: Parameters<typeof both.wrapNewDataKey>) => {
        slowMs += 1_000;
        return both.wrapNewDataKey(...args);
      },
    };

    const done = await step({ shareKey: slow });
    clock.mockRestore();

    expect(done).toMatchObject({ next: 'step', failed: 0, changed: 0 });
    expect(done.resealed).toBeGreaterThan(9);
    expect(done.resealed).toBeLessThan(40);
  });

  test('of a freeze of callers is none: a reseal goes on', async () => {
    await sealedUnder(former);
    const guard = { actor: 'guard', requestId: randomUUID() };
    await freezer.freeze({ scope: 'callers' }, 'ticket', guard, soon());

    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
  });
});

describe('a rotation in the middle of a step', () => {
  /** The present key, which is rotated after its first data key. */
  function rotatedOnce(): KeyProvider {
    let made = 0;
    return {
      ...present,
      wrapNewDataKey: async (...args) => {
        made += 1;
        const isFirst = made === 1;
        const key = await present.wrapNewDataKey(...args);
        if (isFirst) await rotate(present);
        return key;
      },
    };
  }

  test('between the data keys of one record leaves it for the next step', async () => {
    const record = await sealedUnder(former);
    const inTurn = createShareKeys(oneAtATime(rotatedOnce()), [former]);

    expect(await step({ shareKey: inTurn })).toMatchObject({ next: 'wait', resealed: 1 });
    expect(await places()).toEqual([`${present.keyId} `]);
    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
    expect(await places()).toEqual(await onTarget());
    await unsealOwn(record);
  });

  test('after all that it did was sealed asks for another step', async () => {
    await sealedUnder(former, { kind: 'server-key-shares' });

    expect(await step({ shareKey: createShareKeys(rotatedOnce(), [former]) })).toMatchObject({ next: 'step' });
    expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
    expect(await places()).toEqual(await onTarget());
  });
});

/** A key that makes its data keys one after another. */
function oneAtATime(key: KeyProvider): KeyProvider {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...key,
    wrapNewDataKey: (...args) => {
      const next = last.then(() => key.wrapNewDataKey(...args));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

test('two runs at once leave every record whole and on the present key', async () => {
  const records = await Promise.all(Array.from({ length: 12 }, () => sealedUnder(former)));
  const [one, two] = await Promise.all(
    ['one', 'two'].map((name) => resealStep(callFor(`${run}-${name}`), parts(), () => undefined)),
  );

  expect((one?.resealed ?? 0) + (two?.resealed ?? 0)).toBe(12);
  expect(await places()).toEqual(await onTarget());
  for (const record of records) await unsealOwn(record);
});
