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
  await superuser.query('TRUNCATE vault.bodies, vault.bodies_to_destroy, vault.reserved_bodies');
});
afterEach(() => stores.close());

const sweep = async () => sweepBodies(await database.login('share_vault_master'), bodies, deadlineIn(60_000));
const seal = async (record = newSealed('delegated-share', wallet)) => {
  await (await stores.as('vault_sealer')).seal(record, caller, soon());
  return record;
};
const unseal = async () => (await stores.as('vault_unsealer')).unseal(query(wallet), caller, soon());
/** Makes every reservation older than the sweep's margin. */
const age = () => superuser.query("UPDATE vault.reserved_bodies SET reserved_at = now() - interval '61 minutes'");
/** What a killed function leaves, at each step of its work with the body store and the database. */
describe('after a function was killed', () => {
  test.each(['before', 'after'] as const)('%s its body was stored, a seal left nothing readable', async (when) => {
    bodies.failure = { step: 'put', when };
    await expect(seal()).rejects.toThrowWithCode('StoreUnavailable');
    bodies.failure = undefined;
    await expect(unseal()).rejects.toThrowWithCode('NotFound');
    await age();
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
      await age();
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
    await age();
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
