import { createHash, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { KINDS } from '../../../lambda/contract/kinds';
import { canonical } from '../../../lambda/invocation/canonical-json';
import { writeReceipt } from '../../../lambda/invocation/reseal-receipt';
import { resealStep } from '../../../lambda/invocation/reseal-step';
import type { ResealParts } from '../../../lambda/invocation/reseals';
import { soon } from '../../support/postgres';
import { outcomes } from '../store/fixtures';
import { database, superuser } from '../store/stores';
import {
  ENVIRONMENT,
  callFor,
  former,
  freezer,
  materialOf,
  newKey,
  parts,
  present,
  reseals,
  run,
  sealedUnder,
  useResealer,
} from './resealer';

useResealer();

const step = () => resealStep(callFor(), parts(), () => undefined);
const receipt = () => writeReceipt(callFor(), parts());

async function stored(): Promise<unknown> {
  return JSON.parse((await reseals.receipt(run, soon()))?.receipt ?? '');
}

async function failures(of = run): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ failure: string }>(
    "SELECT record_id || ' ' || code AS failure FROM vault.reseal_failures WHERE run = $1 ORDER BY 1",
    [of],
  );
  return rows.map(({ failure }) => failure);
}

describe('a run that only verifies', () => {
  const verify = async (records: number) => {
    const call = callFor(`verify-${records}-${run}`);
    expect(await resealStep(call, parts(), () => undefined)).toEqual({ next: 'receipt', resealed: 0, changed: 0, failed: 0 }); // prettier-ignore
    const response = await writeReceipt(call, parts());
    const text = (await reseals.receipt(call.run, soon()))?.receipt ?? '';
    return { response, ...(JSON.parse(text) as { sample: unknown; percentOnTarget: number }), run: call.run };
  };

  test('opens as many records as its name says, each on record, and reseals none', async () => {
    const stale = await sealedUnder(former);
    for (let n = 0; n < 11; n += 1) await sealedUnder(present);

    expect(await verify(5)).toMatchObject({ response: { next: 'succeed' }, sample: { opened: 5 } });
    expect(await verify(12)).toMatchObject({
      sample: { opened: 12, mismatched: 0, failed: 0 },
      percentOnTarget: 91.66,
    });
    expect((await outcomes(superuser, stale)).at(-1)).toBe('reseal verified');
    expect((await outcomes(superuser, stale)).includes('reseal granted')).toBe(false);
  });

  test('opens all records, each once, of a vault that has fewer', async () => {
    for (const kind of KINDS) await sealedUnder(present, { kind });

    expect(await verify(100)).toMatchObject({ response: { next: 'succeed' }, sample: { opened: 2, failed: 0 } });
  });

  test('opens all other records of several pages if another session holds the wallet of one', async () => {
    const records = await Promise.all(Array.from({ length: 60 }, () => sealedUnder(present)));
    const other = await database.superuser();
    await other.query('BEGIN');
    await other.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [records[30]?.walletId]);
    const verified = await verify(60);
    await other.query('ROLLBACK');

    expect(verified).toMatchObject({ sample: { opened: 59, mismatched: 0, failed: 0 } });
    const { rows } = await superuser.query<{ rows: number }>(
      "SELECT count(*)::integer AS rows FROM vault.share_access_log WHERE request_id = $1 AND outcome = 'verified'",
      [`request-${verified.run}`],
    );
    expect(rows).toEqual([{ rows: 59 }]);
    expect((await verify(61)).sample).toMatchObject({ opened: 60 });
  });

  test.each(['all', 'kind'] as const)(
    'writes no receipt while a freeze of scope %s holds up records',
    async (scope) => {
      await sealedUnder(present);
      const target = scope === 'all' ? { scope } : { scope, name: 'delegated-share' as const };
      await freezer.freeze(target, 'ticket', { actor: 'guard', requestId: randomUUID() }, soon());

      await expect(verify(1)).rejects.toThrowWithCode('Frozen');
      expect(await reseals.receipt(`verify-1-${run}`, soon())).toBeUndefined();
    },
  );

  test('verifies the other kind if the vault has no record of a frozen one', async () => {
    await sealedUnder(present, { kind: 'server-key-shares' });
    const target = { scope: 'kind', name: 'delegated-share' } as const;
    await freezer.freeze(target, 'ticket', { actor: 'guard', requestId: randomUUID() }, soon());

    expect(await verify(1)).toMatchObject({ response: { next: 'succeed' }, sample: { opened: 1 } });
  });

  test('waits for every record that it has begun before it fails, and begins no further one', async () => {
    for (let n = 0; n < 30; n += 1) await sealedUnder(present);
    let [begun, ended] = [0, 0];
    const observedKey: ResealParts['observedKey'] = (onUnwrap) => {
      const key = parts().observedKey(onUnwrap);
      return {
        ...key,
        unwrapDataKey: async (...args) => {
          begun += 1;
          if (begun === 1) throw new VaultError('KeyThrottled', 'expected no limit, got one');
          // the failure is known before any other one ends
          await setImmediate();
          const dataKey = await key.unwrapDataKey(...args);
          ended += 1;
          return dataKey;
        },
      };
    };
    const call = callFor(`verify-30-${run}`);
    await resealStep(call, parts(), () => undefined);

    await expect(writeReceipt(call, parts({ observedKey }))).rejects.toThrowWithCode('KeyThrottled');
    // twelve records at once, of two materials each: the one that failed, and eleven that were opened
    expect([begun, ended]).toEqual([23, 22]);
  });

  test('fails, and lists each record that does not open as its row says', async () => {
    const [wrong, broken] = [await sealedUnder(present), await sealedUnder(present)];
    await sealedUnder(present);
    await superuser.query('UPDATE vault.delegated_shares SET key_material_id = $2 WHERE id = $1', [
      wrong.recordId,
      'ab'.repeat(32),
    ]);
    await superuser.query("UPDATE vault.delegated_shares SET encrypted_wallet_api_key = 'x' WHERE id = $1", [
      broken.recordId,
    ]);

    const verified = await verify(3);
    expect(verified).toMatchObject({ response: { next: 'fail' }, sample: { opened: 1, mismatched: 1, failed: 1 } });
    const expected = [`${wrong.recordId} MaterialMismatch`, `${broken.recordId} MessageCorrupt`];
    expect(await failures(verified.run)).toEqual(expected.sort());
    await expect(reseals.noteFailure(verified.run, wrong.recordId, 'MessageCorrupt', soon())).rejects.toThrowWithCode(
      'Conflict',
    );
  });
});

describe('the receipt of a run', () => {
  test('says what the run did, and where every record is', async () => {
    for (const kind of KINDS) await sealedUnder(former, { kind });
    await step();
    const response = await receipt();

    expect(response).toEqual({ next: 'succeed', resealed: 2, changed: 0, failed: 0, sha256: response.sha256 });
    const keyMaterialId = await materialOf(present);
    expect(await stored()).toMatchObject({
      version: 1,
      environment: ENVIRONMENT,
      run,
      keyId: present.keyId,
      keyMaterialId,
      resealed: 2,
      census: KINDS.map((kind) => ({ kind, keyId: present.keyId, keyMaterialId, records: 1, superseded: 0 })),
      percentOnTarget: 100,
      sample: { opened: 2, mismatched: 0, failed: 0 },
    });
  });

  test('is canonical, and its SHA-256 is that of its text', async () => {
    await step();
    const { sha256 } = await receipt();
    const text = (await reseals.receipt(run, soon()))?.receipt ?? '';

    expect(text).toBe(canonical(JSON.parse(text)));
    expect(text).toMatch(/^\{"census":\[\],"changed":0,"endedAt":/);
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
  });

  test('is written once: made again, it is the first one', async () => {
    await sealedUnder(former);
    await step();
    const first = await receipt();
    await sealedUnder(present);

    expect(await receipt()).toEqual(first);
    await reseals.writeReceipt(run, JSON.stringify({ run }), soon());
    expect(await receipt()).toEqual(first);
  });

  test('can be changed by nobody', async () => {
    await step();
    await receipt();

    await expect(superuser.query("UPDATE vault.reseal_receipts SET receipt = '{}'")).rejects.toThrow(
      /to be appended to/,
    );
    await expect(superuser.query('DELETE FROM vault.reseal_receipts')).rejects.toThrow(/to be appended to/);
  });

  test('is not written for a run that goes on', async () => {
    await step();
    await expect(reseals.writeReceipt(run, JSON.stringify({ run }), soon())).rejects.toThrowWithCode('Conflict');
  });

  test('fails a run that could not reseal a record', async () => {
    await sealedUnder(former);
    await sealedUnder(await newKey());
    await step();

    expect(await receipt()).toMatchObject({ next: 'fail', resealed: 1, failed: 1 });
    expect(await stored()).toMatchObject({ percentOnTarget: 50, sample: { opened: 1 } });
  });

  test('fails a run if KMS names another material than the row of a record', async () => {
    const record = await sealedUnder(former);
    await step();
    await superuser.query('UPDATE vault.delegated_shares SET key_material_id = $2 WHERE id = $1', [
      record.recordId,
      'ab'.repeat(32),
    ]);

    expect(await receipt()).toMatchObject({ next: 'fail', failed: 0 });
    expect(await stored()).toMatchObject({ sample: { opened: 0, mismatched: 1, failed: 0 }, percentOnTarget: 0 });
    expect(await failures()).toEqual([`${record.recordId} MaterialMismatch`]);
  });

  test('fails a run if a record of the sample does not open', async () => {
    const record = await sealedUnder(former);
    await step();
    await superuser.query("UPDATE vault.delegated_shares SET encrypted_wallet_api_key = 'x' WHERE id = $1", [
      record.recordId,
    ]);

    expect(await receipt()).toMatchObject({ next: 'fail' });
    expect(await stored()).toMatchObject({ sample: { opened: 0, mismatched: 0, failed: 1 } });
    expect(await failures()).toEqual([`${record.recordId} MessageCorrupt`]);
  });

  test('opens its sample on record', async () => {
    const record = await sealedUnder(former);
    await step();
    await receipt();

    expect(await outcomes(superuser, record)).toEqual(['seal sealed', 'reseal granted', 'reseal verified']);
  });

  test('opens at most ten records, each once', async () => {
    for (let n = 0; n < 12; n += 1) await sealedUnder(present);
    await step();
    await receipt();

    expect(await stored()).toMatchObject({ sample: { opened: 10 } });
  });
});

describe('the heads of logs at a time', () => {
  test('are those of the last rows before it, whatever is appended later', async () => {
    const record = await sealedUnder(former);
    await superuser.query('SELECT pg_sleep(0.002)');
    const at = new Date();
    await superuser.query('SELECT pg_sleep(0.002)');
    await step();

    const lines = await allHeads(at);
    const { rows } = await superuser.query<{ hash: string }>(
      "SELECT encode(hash, 'hex') AS hash FROM vault.share_access_log WHERE wallet_id = $1 AND sequence = 1",
      [record.walletId],
    );
    expect(lines).toContain([record.walletId, record.chain, 1, rows[0]?.hash].join('\t'));
    expect(await allHeads(new Date(0))).toEqual([]);
  });
});

async function allHeads(at: Date): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let after: Parameters<typeof reseals.heads>[1]; ;) {
    const page = await reseals.heads(at, after, soon());
    lines.push(...page.lines.split('\n').filter((line) => line !== ''));
    if (page.last === undefined) return lines;
    after = page.last;
  }
}
