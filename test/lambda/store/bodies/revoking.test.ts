import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS, type Kind } from '../../../../lambda/contract/kinds';
import type { NewRecord, WalletKey } from '../../../../lambda/store/store';
import { soon } from '../../../support/postgres';
import { caller, newWallet } from '../fixtures';
import { database, sealer, superuser, useStores } from '../stores';
import { MemoryBodies } from './memory-bodies';
import { StoresWithBodies, newSealed } from './stores';

useStores(['sealer']);

const bodies = new MemoryBodies();
let stores: StoresWithBodies;
let wallet: WalletKey;
beforeEach(async () => {
  stores = new StoresWithBodies(database, bodies);
  wallet = newWallet();
  bodies.entries.clear();
  bodies.failure = undefined;
  await superuser.query('TRUNCATE vault.bodies, vault.bodies_to_destroy, vault.reserved_bodies');
});
afterEach(() => stores.close());

const seal = async (record: NewRecord) => (await stores.as('vault_sealer')).seal(record, caller, soon());
const revoke = async (kinds: readonly Kind[] = KINDS) =>
  (await stores.as('vault_revoker')).revoke(wallet, kinds, 'lost', caller, soon());
const days = (date: Date | undefined) => ((date?.getTime() ?? 0) - Date.now()) / 86_400_000;

describe('revoking with a body store', () => {
  test('succeeds if the body store is down, counts a day more, and is finished by the next revocation', async () => {
    await seal(newSealed('delegated-share', wallet));
    bodies.failure = { step: 'destroy', when: 'before' };
    const first = await revoke();
    expect(first.revoked).toBe(1);
    expect(days(first.unreadableAfter)).toBeCloseTo(8, 2);
    expect(bodies.entries.size).toBe(1);
    bodies.failure = undefined;
    const again = await revoke();
    expect(again.revoked).toBe(0);
    expect(bodies.entries.size).toBe(0);
  });

  test('of a wallet that was never seen takes no time to be effective', async () => {
    const { known, revokedAt, unreadableAfter } = await revoke();
    expect(known).toBe(false);
    expect(unreadableAfter).toEqual(revokedAt);
  });

  test('destroys no body of another wallet', async () => {
    const other = newSealed('delegated-share', newWallet());
    await seal(other);
    await seal(newSealed('delegated-share', wallet));
    await revoke();
    expect([...bodies.entries.keys()]).toEqual([other.recordId]);
  });

  test('destroys the bodies of superseded records too', async () => {
    const first = newSealed('delegated-share', wallet);
    await seal(first);
    await seal(newSealed('delegated-share', wallet, { supersedes: first.recordId }));
    expect(bodies.entries.size).toBe(2);
    await expect(revoke()).resolves.toMatchObject({ revoked: 2 });
    expect(bodies.entries.size).toBe(0);
  });

  test('says the end of the backups if only some of the destroyed records had their bodies elsewhere', async () => {
    const whole = newSealed('delegated-share', wallet);
    await sealer.seal(whole, caller, soon());
    await seal(newSealed('delegated-share', wallet, { supersedes: whole.recordId }));
    const { revoked, unreadableAfter } = await revoke();
    expect(revoked).toBe(2);
    expect(days(unreadableAfter)).toBeCloseTo(35, 2);
  });

  test('says the end of the backups if an earlier revocation left a body that this one destroys', async () => {
    await seal(newSealed('delegated-share', wallet));
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke();
    bodies.failure = undefined;
    const { revoked, unreadableAfter } = await revoke();
    expect(revoked).toBe(0);
    expect(days(unreadableAfter)).toBeCloseTo(35, 2);
  });

  test('says the end of the backups of a record in the database beside a body that an earlier revocation left', async () => {
    await seal(newSealed('delegated-share', wallet));
    bodies.failure = { step: 'destroy', when: 'before' };
    await revoke(['delegated-share']);
    bodies.failure = undefined;
    await sealer.seal(newSealed('server-key-shares', wallet), caller, soon());
    const { revoked, unreadableAfter } = await revoke(['server-key-shares']);
    expect(revoked).toBe(1);
    expect(days(unreadableAfter)).toBeCloseTo(35, 2);
  });
});
