import { describe, expect, test } from '@jest/globals';
import { writeReceipt } from '../../../lambda/invocation/reseal-receipt';
import { resealStep } from '../../../lambda/invocation/reseal-step';
import type { ResealParts } from '../../../lambda/invocation/reseals';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { PostgresReseals } from '../../../lambda/store/reseals';
import { problemOf, superuser } from '../store/stores';
import {
  callFor,
  endLeases,
  former,
  materialOf,
  parts,
  places,
  present,
  reseals,
  sealedUnder,
  unsealOwn,
  useResealer,
} from './resealer';

useResealer();

const step = (changes: Partial<ResealParts> = {}) => resealStep(callFor(), parts(changes), () => undefined);

/** Ends the function's session, as a process that is killed does. */
const killSession = () =>
  superuser.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'vault_resealer'");

/** The function's parts, in which the session ends at one point, once. */
function killedOnce(at: 'after the claim' | 'after KMS' | 'before the end of the page'): Partial<ResealParts> {
  let kills = 0;
  const kill = async (here: typeof at): Promise<void> => {
    if (here !== at || kills > 0) return;
    kills += 1;
    await killSession();
  };
  const both = createShareKeys(present, [former]);
  const killing = Object.assign(Object.create(reseals) as PostgresReseals, {
    finish: async (...args: Parameters<PostgresReseals['finish']>) => {
      await kill('before the end of the page');
      return reseals.finish(...args);
    },
  });
  return {
    reseals: killing,
    shareKey: {
      ...both,
      unwrapDataKey: async (...args) => {
        await kill('after the claim');
        return both.unwrapDataKey(...args);
      },
      wrapNewDataKey: async (...args) => {
        const made = await both.wrapNewDataKey(...args);
        await kill('after KMS');
        return made;
      },
    },
  };
}

describe('a function that loses its session', () => {
  test.each(['after the claim', 'after KMS', 'before the end of the page'] as const)(
    '%s loses no record, and the next step does it again',
    async (at) => {
      const records = [await sealedUnder(former), await sealedUnder(former, { kind: 'server-key-shares' })];

      expect(await step(killedOnce(at))).toMatchObject({ next: 'wait', resealed: 0, changed: 2 });
      expect(await places()).toEqual([`${former.keyId} ${await materialOf(former)}`]);
      await endLeases();
      expect(await step()).toMatchObject({ next: 'receipt', resealed: 2 });

      expect(await places()).toEqual([`${present.keyId} ${await materialOf(present)}`]);
      for (const record of records) {
        await unsealOwn(record);
        expect(await problemOf(record)).toBeUndefined();
      }
    },
  );

  test('has its unfinished claims done by another run', async () => {
    const record = await sealedUnder(former);
    await step(killedOnce('after KMS'));
    await endLeases();

    expect(await resealStep(callFor('another-run'), parts(), () => undefined)).toMatchObject({ resealed: 1 });
    await unsealOwn(record);
  });

  test('between the end of a run and its receipt writes the receipt when it is asked again', async () => {
    await sealedUnder(former);
    await step();
    const failing = Object.assign(Object.create(reseals) as PostgresReseals, {
      writeReceipt: () => Promise.reject(new Error('killed')),
    });
    await expect(writeReceipt(callFor(), parts({ reseals: failing }))).rejects.toThrow('killed');

    expect(await writeReceipt(callFor(), parts())).toMatchObject({ next: 'succeed', resealed: 1 });
  });
});

test('a server that crashes forgets claims and tickets, and keeps every record', async () => {
  const record = await sealedUnder(former);
  await reseals.start(callFor().run, { keyId: present.keyId, keyMaterialId: '' }, callFor().deadline);
  await reseals.claim(callFor().run, [former.keyId], 10, 'request', callFor().deadline);
  // what recovery after a crash does to tables that are not logged
  await superuser.query('TRUNCATE vault.reseal_claims, vault.reseal_tickets');

  expect(await step()).toMatchObject({ next: 'receipt', resealed: 1 });
  await unsealOwn(record);
});
