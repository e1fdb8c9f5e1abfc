import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../../lambda/contract/kinds';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { sweepBodies } from '../../../../lambda/store/bodies/sweep';
import type { WalletKey } from '../../../../lambda/store/store';
import { soon } from '../../../support/postgres';
import { at, caller, newDelivery, newWallet, query } from '../fixtures';
import { database, superuser, useStores } from '../stores';
import { type Failure, MemoryBodies } from './memory-bodies';
import { StoresWithBodies, newDelivered, newSealed } from './stores';

useStores([]);

let bodies: MemoryBodies;
let stores: StoresWithBodies;
let wallet: WalletKey;
beforeEach(async () => {
  bodies = new MemoryBodies();
  stores = new StoresWithBodies(database, bodies);
  wallet = newWallet();
  await superuser.query('TRUNCATE vault.bodies, vault.bodies_to_destroy');
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
const litter = async (count: number) => {
  for (let i = 0; i < count; i++) await bodies.put(randomUUID(), Buffer.from('body'));
  bodies.age();
};

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

  test('destroys entries without a record once they are an hour old', async () => {
    await bodies.put(randomUUID(), Buffer.from('body'));
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
    await litter(3);
    await expect(sweep()).resolves.toEqual({ destroyed: 4, orphans: 4, failed: 0 });
  });

  test('keeps old entries of live records', async () => {
    const record = await seal();
    bodies.age();
    await expect(sweep()).resolves.toEqual({ destroyed: 0, orphans: 0, failed: 0 });
    await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
  });

  test('destroys none of many entries without a record, as after a restore of the database', async () => {
    await litter(101);
    const swept = await sweep();
    expect(swept).toMatchObject({ destroyed: 0, orphans: 101, failed: 0 });
    expect(swept.warnings).toEqual([expect.stringContaining('none was destroyed')]);
    expect(bodies.entries.size).toBe(101);
  });

  test('reports what it could not destroy, and tries again the next time', async () => {
    await seal();
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    bodies.age();
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
    const swept = await sweep(deadlineIn(10_000));
    expect(swept).toMatchObject({ destroyed: 0, warnings: ['the body store was not listed to its end'] });
    expect(bodies.entries.size).toBe(3);
  });
});

/** What a killed function leaves, at each step of its work with the body store and the database. */
describe('after a function was killed', () => {
  test.each(['before', 'after'] as const)('%s its body was stored, a seal left nothing readable', async (when) => {
    bodies.failure = { step: 'put', when };
    await expect(seal()).rejects.toThrowWithCode('StoreUnavailable');
    bodies.failure = undefined;
    await expect(unseal()).rejects.toThrowWithCode('NotFound');
    bodies.age();
    await sweep();
    expect(bodies.entries.size).toBe(0);
  });

  test.each(['before', 'after'] as const)(
    '%s its row was written, a seal is found whole or not at all',
    async (when) => {
      const store = await stores.as('vault_sealer');
      store.failing.failure = { statement: /seal_records/, when };
      const record = newSealed('delegated-share', wallet);
      await expect(store.seal(record, caller, soon())).rejects.toThrowWithCode('StoreUnavailable');
      bodies.age();
      await sweep();
      if (when === 'before') await expect(unseal()).rejects.toThrowWithCode('NotFound');
      else await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
      expect(bodies.entries.size).toBe(when === 'before' ? 0 : 1);
    },
  );

  test.each(['before', 'after'] as const)('%s its row was written, a delivery can be repeated', async (when) => {
    const store = await stores.as('vault_receiver');
    const delivery = newDelivery(at(1));
    store.failing.failure = { statement: /accept_created/, when };
    const first = newDelivered(wallet);
    await expect(store.receiveCreated(first, delivery, soon())).rejects.toThrowWithCode('StoreUnavailable');
    store.failing.failure = undefined;
    const again = newDelivered(wallet);
    const outcome = await store.receiveCreated(again, delivery, soon());
    expect(outcome).toBe(when === 'before' ? 'sealed' : 'duplicate');
    await expect(unseal()).resolves.toMatchObject({ sealed: (when === 'before' ? again : first).sealed });
    bodies.age();
    await sweep();
    expect(bodies.entries.size).toBe(1);
  });

  test.each(['before', 'after'] as const)('%s its revocation was committed, the sweep finishes it', async (when) => {
    const record = await seal();
    const store = await stores.as('vault_revoker');
    store.failing.failure = { statement: /revoke_kinds/, when };
    await expect(store.revoke(wallet, KINDS, 'lost', caller, soon())).rejects.toThrowWithCode('StoreUnavailable');
    await sweep();
    if (when === 'before') await expect(unseal()).resolves.toMatchObject({ sealed: record.sealed });
    else await expect(unseal()).rejects.toThrowWithCode('Revoked');
    expect(bodies.entries.size).toBe(when === 'before' ? 1 : 0);
  });

  const steps: readonly (readonly [string, Failure | undefined, RegExp | undefined])[] = [
    ['before a body was destroyed', { step: 'destroy', when: 'before' }, undefined],
    ['after a body was destroyed', { step: 'destroy', when: 'after' }, undefined],
    ['before it knew the bodies', undefined, /bodies_to_destroy/],
    ['before it forgot a destroyed body', undefined, /bodies_destroyed/],
  ];
  test.each(steps)('%s, a revocation is in effect, and the sweep finishes it', async (_what, failure, statement) => {
    await seal();
    bodies.failure = failure;
    const store = await stores.as('vault_revoker');
    if (statement !== undefined) store.failing.failure = { statement, when: 'before' };
    await expect(store.revoke(wallet, KINDS, 'lost', caller, soon())).resolves.toMatchObject({ revoked: 1 });
    await expect(unseal()).rejects.toThrowWithCode('Revoked');
    bodies.failure = undefined;
    await sweep();
    expect(bodies.entries.size).toBe(0);
    const { rowCount } = await superuser.query('SELECT FROM vault.bodies_to_destroy');
    expect(rowCount).toBe(0);
  });

  test.each(['before', 'after'] as const)(
    '%s a revoking delivery was committed, the sweep finishes it',
    async (when) => {
      const store = await stores.as('vault_receiver');
      await store.receiveCreated(newDelivered(wallet), newDelivery(at(1)), soon());
      store.failing.failure = { statement: /accept_revoked/, when };
      const revoking = store.receiveRevoked(wallet, newDelivery(at(2)), soon());
      await expect(revoking).rejects.toThrowWithCode('StoreUnavailable');
      await sweep();
      expect(bodies.entries.size).toBe(when === 'before' ? 1 : 0);
    },
  );

  test.each(['before', 'after'] as const)(
    '%s the body was read, an unseal returns nothing, and is logged',
    async (when) => {
      await seal();
      bodies.failure = { step: 'get', when };
      await expect(unseal()).rejects.toThrowWithCode('StoreUnavailable');
      const { rows } = await superuser.query<{ outcome: string }>(
        "SELECT outcome FROM vault.share_access_log WHERE wallet_id = $1 AND action = 'unseal'",
        [wallet.walletId],
      );
      expect(rows).toEqual([{ outcome: 'granted' }]);
    },
  );
});
