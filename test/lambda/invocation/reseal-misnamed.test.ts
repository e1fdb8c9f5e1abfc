import timers from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { VaultError } from '../../../lambda/contract/errors';
import { writeReceipt } from '../../../lambda/invocation/reseal-receipt';
import { resealStep } from '../../../lambda/invocation/reseal-step';
import type { KeyProvider } from '../../../lambda/keys/provider';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { soon } from '../../support/postgres';
import { outcomes } from '../store/fixtures';
import { database, superuser } from '../store/stores';
import { callFor, former, kms, newKey, parts, present, reseals, run, sealedUnder, unsealOwn, useResealer } from './resealer'; // prettier-ignore

useResealer();

let another: KeyProvider;

/** The owner of the database, or the login of the resealer, can write rows that are not as their messages. */
const rename = (recordId: string, keyId: string, materialId = '') =>
  superuser.query('UPDATE vault.delegated_shares SET encryption_key_id = $2, key_material_id = $3 WHERE id = $1', [
    recordId,
    keyId,
    materialId,
  ]);
const step = (call = callFor(), keys = parts()) => resealStep(call, keys, () => undefined);

async function failures(of = run): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ failure: string }>(
    "SELECT record_id || ' ' || code AS failure FROM vault.reseal_failures WHERE run = $1 ORDER BY 1",
    [of],
  );
  return rows.map(({ failure }) => failure);
}

describe('a row that names another key than its message', () => {
  test.each([
    ['the share key', () => present],
    ['another former key', () => another],
  ])(
    'is listed as its own failure if the key of the message is disabled and the row names %s',
    async (_what, named) => {
      another = await newKey();
      const keys = parts({
        shareKey: createShareKeys(present, [former, another]),
        keyIds: [present, former, another].map(({ keyId }) => keyId),
      });
      const misnamed = await sealedUnder(former);
      await rename(misnamed.recordId, named().keyId);
      const moved = await sealedUnder(another);
      await kms.client.send(new DisableKeyCommand({ KeyId: former.keyId }));

      expect(await step(callFor(), keys)).toMatchObject({ next: 'receipt', resealed: 1, failed: 1 });
      await unsealOwn(moved);
      expect(await failures()).toEqual([`${misnamed.recordId} KeyUnavailable`]);
      expect(await writeReceipt(callFor(), keys)).toMatchObject({ next: 'fail', failed: 1 });
    },
  );
});
describe('a verification of rows without a material', () => {
  test('compares the key that opened with that of the row', async () => {
    const record = await sealedUnder(former);
    const change = "UPDATE vault.delegated_shares SET encryption_key_id = $2, key_material_id = '' WHERE id = $1";
    await superuser.query(change, [record.recordId, present.keyId]);
    const call = callFor(`verify-1-${run}`);
    await resealStep(call, parts(), () => undefined);

    expect(await writeReceipt(call, parts())).toMatchObject({ next: 'fail' });
    expect(await failures(call.run)).toEqual([`${record.recordId} MaterialMismatch`]);
  });
});

describe('a verification of a record whose wallet another session holds', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('waits between pages without a record, and opens it once the wallet is let go', async () => {
    const held = await sealedUnder(present);
    const other = await database.superuser();
    await other.query('BEGIN');
    await other.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [held.walletId]);
    const pause = jest.spyOn(timers, 'setTimeout').mockImplementation(() => other.query('ROLLBACK') as never);
    const call = callFor(`verify-1-${run}`);
    await step(call);

    expect(await writeReceipt(call, parts())).toMatchObject({ next: 'succeed' });
    expect(pause).toHaveBeenCalledTimes(1);
    expect(await outcomes(superuser, held)).toContain('reseal verified');
  });

  test('does not wait if it has opened all records', async () => {
    await sealedUnder(present);
    const pause = jest.spyOn(timers, 'setTimeout');
    const call = callFor(`verify-9-${run}`);
    await step(call);

    expect(await writeReceipt(call, parts())).toMatchObject({ next: 'succeed' });
    expect(pause).not.toHaveBeenCalled();
  });
});

describe('a verification of records of a former release', () => {
  test('counts those whose rows name no material as opened, and as not compared', async () => {
    for (const keyMaterialId of ['', undefined]) {
      const record = await sealedUnder(present);
      if (keyMaterialId !== undefined) await rename(record.recordId, present.keyId);
    }
    const call = callFor(`verify-2-${run}`);
    await step(call);

    expect(await writeReceipt(call, parts())).toMatchObject({ next: 'succeed' });
    const { sample } = JSON.parse((await reseals.receipt(call.run, soon()))?.receipt ?? '') as { sample: unknown };
    expect(sample).toEqual({ opened: 2, mismatched: 0, failed: 0, uncompared: 1 });
  });
});

describe('a verification that is interrupted', () => {
  test('fails by what the first call listed, although the second one has opened other records', async () => {
    const wrong = await sealedUnder(present);
    for (let n = 0; n < 5; n += 1) await sealedUnder(present);
    const change = 'UPDATE vault.delegated_shares SET key_material_id = $2 WHERE id = $1';
    await superuser.query(change, [wrong.recordId, 'ab'.repeat(32)]);
    const call = callFor(`verify-6-${run}`);
    await resealStep(call, parts(), () => undefined);
    const failing = Object.assign(Object.create(reseals) as typeof reseals, {
      writeReceipt: () => Promise.reject(new VaultError('StoreUnavailable', 'expected a connection, got none')),
    });
    await expect(writeReceipt(call, parts({ reseals: failing }))).rejects.toThrowWithCode('StoreUnavailable');
    await superuser.query('DELETE FROM vault.delegated_shares WHERE id = $1', [wrong.recordId]);

    expect(await writeReceipt(call, parts())).toMatchObject({ next: 'fail', failed: 0 });
    expect(await failures(call.run)).toEqual([`${wrong.recordId} MaterialMismatch`]);
  });
});
