import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../../lambda/contract/kinds';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { sweepBodies } from '../../../../lambda/store/bodies/sweep';
import type { WalletKey } from '../../../../lambda/store/store';
import { soon } from '../../../support/postgres';
import { caller, newWallet, query } from '../fixtures';
import { database, superuser, useStores } from '../stores';
import { MemoryBodies } from './memory-bodies';
import { StoresWithBodies, newSealed } from './stores';

useStores([]);

let bodies: MemoryBodies;
let stores: StoresWithBodies;
let wallet: WalletKey;
beforeEach(async () => {
  bodies = new MemoryBodies();
  stores = new StoresWithBodies(database, bodies);
  wallet = newWallet();
  await superuser.query('TRUNCATE vault.bodies, vault.bodies_to_destroy, vault.reserved_bodies');
});
afterEach(() => stores.close());

const enough = () => deadlineIn(60_000);
const sweep = async (deadline = enough()) => sweepBodies(await database.login('share_vault_master'), bodies, deadline);
const seal = async (record = newSealed('delegated-share', wallet)) => {
  await (await stores.as('vault_sealer')).seal(record, caller, soon());
  return record;
};
const revoke = async () => (await stores.as('vault_revoker')).revoke(wallet, KINDS, 'lost', caller, soon());
const unseal = async () => (await stores.as('vault_unsealer')).unseal(query(wallet), caller, soon());
/** Makes every reservation older than the sweep's margin. */
const age = () => superuser.query("UPDATE vault.reserved_bodies SET reserved_at = now() - interval '61 minutes'");
/** Leaves the bodies of seals whose rows are refused, as a killed function does. */
const litter = async (count: number) => {
  const store = await stores.as('vault_sealer');
  store.failing.failure = { statement: /seal_records/, when: 'before' };
  const records = Array.from({ length: count }, () => newSealed('delegated-share', newWallet()));
  await expect(store.sealAll(records, caller, soon())).rejects.toThrowWithCode('StoreUnavailable');
};

/** Copies the rows of records and bodies. Returns what puts them back, as a restore of the database does. */
async function backup(): Promise<() => Promise<void>> {
  const tables = ['vault.delegated_shares', 'vault.bodies', 'vault.bodies_to_destroy', 'vault.reserved_bodies'];
  const name = `public.backup_${randomUUID().replaceAll('-', '')}`;
  for (const [i, table] of tables.entries()) await superuser.query(`CREATE TABLE ${name}_${i} AS TABLE ${table}`);
  return async () => {
    await superuser.query('SET session_replication_role = replica');
    for (const [i, table] of tables.entries()) {
      await superuser.query(`DELETE FROM ${table}; INSERT INTO ${table} TABLE ${name}_${i}; DROP TABLE ${name}_${i}`);
    }
    await superuser.query('SET session_replication_role = origin');
  };
}

describe('a sweep of bodies', () => {
  test('destroys what revocations left, and nothing else', async () => {
    const other = await seal(newSealed('delegated-share', newWallet()));
    await seal();
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    bodies.failure = undefined;
    await expect(sweep()).resolves.toEqual({ destroyed: 1, orphans: 0, failed: 0 });
    expect([...bodies.entries.keys()]).toEqual([other.recordId]);
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
  });

  test('destroys the bodies of superseded records that expired', async () => {
    const first = await seal();
    await seal(newSealed('delegated-share', wallet, { supersedes: first.recordId }));
    await superuser.query(
      "UPDATE vault.delegated_shares SET superseded_at = now() - interval '31 days' WHERE id = $1",
      [first.recordId],
    );
    await superuser.query('SELECT vault_api.destroy_expired()');
    await expect(sweep()).resolves.toMatchObject({ destroyed: 1 });
    await expect(unseal()).resolves.toMatchObject({ accessCount: 1 });
  });

  test('destroys bodies that got no record an hour after they were reserved', async () => {
    await litter(3);
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
    await age();
    await expect(sweep()).resolves.toEqual({ destroyed: 3, orphans: 3, failed: 0 });
    expect(bodies.entries.size).toBe(0);
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
  });

  test('destroys no body of a seal in progress, however old the store says it is', async () => {
    const record = newSealed('delegated-share', wallet);
    const put = bodies.put.bind(bodies);
    bodies.put = async (...call) => {
      const version = await put(...call);
      await sweep();
      return version;
    };
    await seal(record);
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('refuses the row of a body that it took, so that no record is without its body', async () => {
    const put = bodies.put.bind(bodies);
    bodies.put = async (...call) => {
      const version = await put(...call);
      await age();
      bodies.failure = { step: 'destroy', when: 'before' };
      await sweep();
      return version;
    };
    await expect(seal()).rejects.toThrowWithCode('StoreUnavailable');
    await expect(unseal()).rejects.toThrowWithCode('NotFound');
  });

  test('takes no body whose row is being inserted', async () => {
    const record = newSealed('delegated-share', wallet);
    await superuser.query("INSERT INTO vault.reserved_bodies VALUES ($1, now() - interval '2 hours')", [
      record.recordId,
    ]);
    await superuser.query('BEGIN');
    await superuser.query('DELETE FROM vault.reserved_bodies WHERE record_id = $1', [record.recordId]);
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
    await superuser.query('ROLLBACK');
    await expect(sweep()).resolves.toMatchObject({ orphans: 1 });
  });

  test.each([1, 150])('destroys none of %i entries that the database never knew', async (count) => {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) await bodies.put(id, Buffer.from('body'));
    const { destroyed, orphans, failed, warnings } = await sweep();
    expect({ destroyed, orphans, failed }).toEqual({ destroyed: 0, orphans: 0, failed: 0 });
    expect(warnings).toEqual([expect.stringContaining(`${count} of ${count}, none was destroyed`)]);
    expect(warnings?.[0]).toContain(ids.toSorted()[0]);
    expect(bodies.entries.size).toBe(count);
  });

  test('destroys no body of records that are newer than the backup from which the database was restored', async () => {
    const before = await backup();
    const record = await seal();
    const after = await backup();
    await before();
    const swept = await sweep();
    expect(swept).toMatchObject({ destroyed: 0, orphans: 0 });
    expect(swept.warnings).toEqual([expect.stringContaining('1 of 1, none was destroyed')]);
    await after();
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('warns of no body that it destroyed just now and that the store still lists', async () => {
    await litter(1);
    await age();
    const [id = ''] = bodies.entries.keys();
    bodies.list = () => Promise.resolve({ recordIds: [id] });
    await expect(sweep()).resolves.toEqual({ destroyed: 1, orphans: 1, failed: 0 });
  });

  test('destroys a body that a function falsely said it had destroyed', async () => {
    const record = await seal();
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    bodies.failure = undefined;
    const revoker = await stores.as('vault_revoker');
    await revoker.session.query('SELECT vault_api.bodies_destroyed($1::uuid[])', [[record.recordId]], soon());
    expect(bodies.entries.size).toBe(1);
    await expect(sweep()).resolves.toEqual({ destroyed: 1, orphans: 0, failed: 0 });
  });

  test('destroys no live body that a function reserved again', async () => {
    const record = await seal();
    const sealer = await stores.as('vault_sealer');
    await sealer.session.query('SELECT vault_api.reserve_bodies($1::uuid[])', [[record.recordId]], soon());
    const { rowCount } = await superuser.query('SELECT FROM vault.reserved_bodies');
    expect(rowCount).toBe(0);
    await superuser.query('INSERT INTO vault.reserved_bodies VALUES ($1) ON CONFLICT DO NOTHING', [record.recordId]);
    await age();
    await expect(sweep()).resolves.toMatchObject({ destroyed: 0 });
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('keeps entries of live records', async () => {
    const record = await seal();
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('destroys the bodies of revoked records before those that got no record', async () => {
    const record = await seal();
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    bodies.failure = undefined;
    await litter(5);
    await age();
    const order: string[] = [];
    const destroy = bodies.destroy.bind(bodies);
    bodies.destroy = (id) => {
      order.push(id);
      return destroy(id);
    };
    await expect(sweep()).resolves.toEqual({ destroyed: 6, orphans: 5, failed: 0 });
    expect(order[0]).toBe(record.recordId);
  });

  test('is not held up by a function that keeps the row of a body locked', async () => {
    const record = await seal();
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    bodies.failure = undefined;
    await superuser.query('BEGIN');
    await superuser.query('SELECT FROM vault.bodies_to_destroy WHERE record_id = $1 FOR UPDATE', [record.recordId]);
    await expect(sweep()).resolves.toMatchObject({ destroyed: 1 });
    await superuser.query('ROLLBACK');
    const { rowCount } = await superuser.query('SELECT FROM vault.bodies_to_destroy');
    expect(rowCount).toBe(1);
  });

  test('has no more to destroy than batches can reserve', async () => {
    const sealer = await stores.as('vault_sealer');
    const ids = Array.from({ length: 101 }, () => randomUUID());
    const reserving = sealer.session.query('SELECT vault_api.reserve_bodies($1::uuid[])', [ids], soon());
    await expect(reserving).rejects.toThrowWithCode('InternalError');
  });

  test('reports what it could not destroy, and tries again the next time', async () => {
    await seal();
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    await age();
    const warnings = ['bodies that could not be destroyed: 1'];
    await expect(sweep()).resolves.toEqual({ destroyed: 0, failed: 1, orphans: 0, warnings });
    bodies.failure = undefined;
    await expect(sweep()).resolves.toMatchObject({ destroyed: 1, failed: 0 });
  });

  test('warns if the store can’t be listed to its end', async () => {
    await litter(3);
    bodies.failure = { step: 'list', when: 'before' };
    const swept = await sweep();
    expect(swept.warnings).toEqual(['the body store was not listed to its end']);
  });

  test('without time does nothing, and says so', async () => {
    await litter(3);
    await age();
    const swept = await sweep(deadlineIn(10_000));
    expect(swept).toMatchObject({ destroyed: 0, warnings: ['the body store was not listed to its end'] });
    expect(bodies.entries.size).toBe(3);
  });
});
