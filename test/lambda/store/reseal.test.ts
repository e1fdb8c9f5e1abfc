import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import type { NewRecord } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { TABLE_OF, caller, query } from './fixtures';
import { KEYS, MATERIAL_IDS, TARGET, fakeSeal, recordOf, requireOwn, resealed } from './reseal-support';
import { claim, idsOf, resealAll, reseals, run, sealed, stored, useReseals } from './reseals';
import { auditor, problemOf, revoker, sealer, superuser, unsealer } from './stores';

useReseals();

describe('what a run claims:', () => {
  test.each<[string, Partial<NewRecord>]>([
    ['under another key', {}],
    ['under another key with the same material', { keyMaterialId: MATERIAL_IDS.present }],
    ['of an earlier material', { keyId: KEYS.present }],
    ['of a material with a greater id', { keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.other }],
    ['of an unknown material', { keyId: KEYS.present, keyMaterialId: '' }],
    ['under a key with a greater ARN', { keyId: `${KEYS.present}-2`, keyMaterialId: MATERIAL_IDS.present }],
  ])('a record %s', async (_what, changes) => {
    for (const kind of KINDS) {
      const record = await sealed(kind, changes);
      expect(idsOf(await claim())).toEqual([record.recordId]);
    }
  });

  test('no record of the target', async () => {
    await sealed('delegated-share', TARGET);
    expect(await claim()).toEqual([]);
  });

  test('any material of the target, if its materials have no ids', async () => {
    const other = randomUUID();
    await reseals.start(other, { keyId: KEYS.present, keyMaterialId: '' }, soon());
    await sealed('delegated-share', { keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.old });
    await sealed('delegated-share', { keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.other });
    const stale = [await sealed(), await sealed('delegated-share', { keyId: `${KEYS.present}-2` })];

    expect(idsOf(await claim(100, other))).toEqual(stale.map(({ recordId }) => recordId).sort());
  });

  test('superseded records too: until they are destroyed they need their key', async () => {
    const record = await sealed();
    const next = recordOf('delegated-share', record, { supersedes: record.recordId, ...TARGET });
    await sealer.seal(next, caller, soon());

    expect(idsOf(await claim())).toEqual([record.recordId]);
  });

  test('none that was revoked', async () => {
    const record = await sealed();
    await revoker.revoke(record, KINDS, 'leak', caller, soon());
    expect(await claim()).toEqual([]);
  });

  test('no more than it asks for, and each once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => sealed()));
    const [one, two, three] = [await claim(2), await claim(2), await claim(2)];

    expect([one.length, two.length, three.length]).toEqual([2, 2, 1]);
    expect(idsOf([...one, ...two, ...three])).toEqual(all.map(({ recordId }) => recordId).sort());
  });

  test('a claimed record again after a minute', async () => {
    const record = await sealed();
    await claim();
    expect(await claim()).toEqual([]);
    await superuser.query("UPDATE vault.reseal_claims SET claimed_at = claimed_at - interval '61 seconds'");

    expect(idsOf(await claim())).toEqual([record.recordId]);
  });

  test('with every value that the encryption context is made of', async () => {
    const record = await sealed('delegated-share', { propertiesSha256: Buffer.alloc(32, 7) });
    const [claimed] = await claim();

    expect(claimed).toEqual({
      kind: 'delegated-share',
      recordId: record.recordId,
      walletId: record.walletId,
      chain: record.chain,
      keyId: KEYS.former,
      keyMaterialId: MATERIAL_IDS.old,
      userId: record.userId,
      publicKey: record.publicKey,
      shareSetId: record.shareSetId,
      propertiesSha256: record.propertiesSha256,
      sealed: record.sealed,
    });
  });
});

describe('a resealed record', () => {
  test.each(KINDS)('of the kind %s opens to the same material, under the present key and material', async (kind) => {
    const record = await sealed(kind);
    expect(await resealAll()).toEqual(['resealed']);

    const opened = await unsealer.unseal(query(record, { kind }), caller, soon());
    await requireOwn(record.recordId, opened.sealed);
    expect(opened.sealed).not.toEqual(record.sealed);
    expect(await stored(record)).toMatchObject({ keyId: KEYS.present, keyMaterialId: MATERIAL_IDS.present });
    expect(await claim()).toEqual([]);
  });

  test('keeps its id, its times and its count of openings', async () => {
    const record = await sealed();
    await unsealer.unseal(query(record), caller, soon());
    const before = await stored(record);
    await resealAll();

    expect(await stored(record)).toEqual({
      ...before,
      keyId: KEYS.present,
      keyMaterialId: MATERIAL_IDS.present,
      wrappedKeys: ['fake fake'],
    });
  });

  test('has a row in the log of its wallet, and the chain is intact', async () => {
    const record = await sealed();
    await resealAll();

    const rows = await auditor.log(record, 1, 10, soon());
    expect(rows).toMatchObject([
      {
        action: 'reseal',
        outcome: 'granted',
        actor: 'vault:reseal',
        requestId: 'request-1',
        recordId: record.recordId,
      },
    ]);
    expect(await problemOf(record)).toBeUndefined();
  });

  test('whose data keys have two materials is stale, and is resealed again', async () => {
    const record = await sealed();
    const [claimed] = await claim();
    if (claimed !== undefined) await reseals.finish(run, [await resealed(claimed, '')], soon());

    expect(idsOf(await claim())).toEqual([record.recordId]);
  });
});

test('the same bytes under the name of the present key are not accepted: the census would count them as resealed', async () => {
  const record = await sealed();
  const [claimed] = await claim();
  const again = claimed && { ...(await resealed(claimed)), sealed: claimed.sealed };

  expect(await reseals.finish(run, again ? [again] : [], soon())).toEqual(['changed']);
  expect(await stored(record)).toMatchObject({ keyId: KEYS.former });
});

describe('a swap loses against everything else that happens to the record:', () => {
  test('a newer record supersedes it, and the older one is resealed for its last 30 days', async () => {
    const record = await sealed();
    const [claimed] = await claim();
    const next = recordOf('delegated-share', record, { supersedes: record.recordId });
    await sealer.seal(next, caller, soon());

    expect(await reseals.finish(run, claimed ? [await resealed(claimed)] : [], soon())).toEqual(['resealed']);
    const opened = await unsealer.unseal(query(record), caller, soon());
    await requireOwn(next.recordId, opened.sealed);
  });

  test('a revocation destroys it', async () => {
    const record = await sealed();
    const [claimed] = await claim();
    await revoker.revoke(record, KINDS, 'leak', caller, soon());

    expect(await reseals.finish(run, claimed ? [await resealed(claimed)] : [], soon())).toEqual(['changed']);
    await expect(unsealer.unseal(query(record), caller, soon())).rejects.toThrowWithCode('Revoked');
    expect(await stored(record)).toBeUndefined();
  });

  test('another worker was faster', async () => {
    const record = await sealed();
    const [claimed] = await claim();
    const first = claimed && (await resealed(claimed));
    const second = claimed && (await resealed(claimed));
    await superuser.query("UPDATE vault.reseal_claims SET claimed_at = claimed_at - interval '61 seconds'");
    const [again] = await claim();
    expect(again?.sealed).toEqual(record.sealed);

    expect(await reseals.finish(run, first ? [first] : [], soon())).toEqual(['resealed']);
    expect(await reseals.finish(run, second ? [second] : [], soon())).toEqual(['changed']);
  });
});

test('a message that is replaced by hand with the superuser is not taken for the one that was read', async () => {
  const record = await sealed();
  const [claimed] = await claim();
  await superuser.query(`UPDATE ${TABLE_OF['delegated-share']} SET encrypted_wallet_api_key = $2 WHERE id = $1`, [
    record.recordId,
    fakeSeal(Buffer.from('another'), new Map([['record', record.recordId]])),
  ]);

  expect(await reseals.finish(run, claimed ? [await resealed(claimed)] : [], soon())).toEqual(['changed']);
});
