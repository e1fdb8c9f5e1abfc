import { createHash, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { writeReceipt } from '../../../lambda/invocation/reseal-receipt';
import { resealStep } from '../../../lambda/invocation/reseal-step';
import { keepReceipts } from '../../../lambda/store/receipt-bucket';
import { PostgresResealRuns } from '../../../lambda/store/reseal-runs';
import { Session } from '../../../lambda/store/session';
import { soon } from '../../support/postgres';
import { database, superuser } from '../store/stores';
import { callFor, parts, pending, reseals, run, useResealer } from './resealer';

useResealer();

let objects: Map<string, string>;
let fail: (() => Error) | undefined;
const bucket = {
  putOnce: (key: string, bytes: Buffer) => {
    if (fail) return Promise.reject(fail());
    objects.set(key, bytes.toString('utf8'));
    return Promise.resolve();
  },
};
const keep = (of = run) => keepReceipts({ bucket, pending }, of, soon());
const left = async () => (await pending.list(undefined, 50, soon())).map((each) => each.run);
const audited = async (of = run) =>
  new PostgresResealRuns(new Session(await database.settings('vault_auditor'))).receipt(of, soon());

/** Ends a run with a receipt, which no bucket has. */
async function ended(of = run): Promise<string> {
  await resealStep(callFor(of), parts(), () => undefined);
  await writeReceipt(callFor(of), parts());
  return of;
}

beforeEach(async () => {
  objects = new Map();
  fail = undefined;
  while ((await left()).length > 0) await keep();
  objects.clear();
});

describe('the receipt of a run', () => {
  test('is in the bucket byte for byte, under the time of its end and its digest, and is noted', async () => {
    await ended();
    const { receipt, endedAt } = await audited();
    await keep();

    const digest = createHash('sha256').update(receipt).digest('hex');
    expect([...objects]).toEqual([[`receipts/${endedAt.replace(/[-:.]/g, '')}-${digest}.json`, receipt]]);
    expect(await left()).toEqual([]);
    expect(await audited()).toMatchObject({ run, sha256: digest, keptAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  test('stays pending if the bucket refuses it, and the call fails with a code that is repeated', async () => {
    await ended();
    fail = () => new VaultError('KeyUnavailable', 'expected s3 to do as asked, got status 403');

    await expect(keep()).rejects.toThrowWithCode('StoreUnavailable');
    expect(await left()).toEqual([run]);
    expect(await audited()).not.toHaveProperty('keptAt');
  });

  test('comes with the next run, after that one’s own, and the oldest ones first', async () => {
    const former = [await ended(`a-${run}`), await ended(`b-${run}`)];
    await ended();
    await keep();

    const runs = [...objects.values()].map((text) => (JSON.parse(text) as { readonly run: string }).run);
    expect(runs).toEqual([run, ...former]);
  });

  test('comes with at most nine others', async () => {
    for (let number = 0; number < 10; number += 1) await ended(`${number}-${run}`);
    await ended();
    await keep();

    expect([objects.size, await left()]).toEqual([10, [`9-${run}`]]);
  });

  test('is put again without harm if it was put and not noted', async () => {
    await ended();
    const noted = { list: pending.list.bind(pending), keep: () => Promise.reject(new Error('gone')) };
    await expect(keepReceipts({ bucket, pending: noted }, run, soon())).rejects.toThrow('gone');
    const first = [...objects];
    await keep();

    expect([...objects]).toEqual(first);
    expect(await left()).toEqual([]);
  });

  test('is noted once, and the note is changed by nobody', async () => {
    await ended();
    await keep();
    const { keptAt } = await audited();
    await pending.keep({ run, endedAt: '', receipt: '' }, soon());

    expect((await audited()).keptAt).toBe(keptAt);
    await expect(superuser.query('DELETE FROM vault.kept_receipts')).rejects.toThrow(/to be appended to/);
    await expect(superuser.query('UPDATE vault.kept_receipts SET kept_at = now()')).rejects.toThrow(/appended to/);
  });

  test('is not noted before it is written', async () => {
    await reseals.start(run, { keyId: 'key', keyMaterialId: '' }, soon());

    await expect(pending.keep({ run, endedAt: '', receipt: '' }, soon())).rejects.toThrowWithCode('Conflict');
    await expect(audited(randomUUID())).rejects.toThrowWithCode('NotFound');
  });
});
