import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Client } from 'pg';
import type { NewRecord } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newRecordOf, newWallet } from './fixtures';
import { type Route, beginPastGuard } from './routes';
import { database, sealer, superuser, useStores } from './stores';

// Unsealing by hand, as any holder of the unsealer's credentials may try it.

export const NOT_REDEEMED = { code: 'SV003' };
export const NOT_BY_HAND = { code: '55000' };
export const NOT_IN_THIS_ISOLATION = { code: '25000' };
export const NOT_ALLOWED = { code: '42501' };
export const IN_A_TRANSACTION = { code: '2D000' };

/** Log rows of a sealed record, without an unseal and with one. */
export const NOT_LOGGED = ['seal sealed'];
export const LOGGED = ['seal sealed', 'unseal granted'];

/**
 * Lets every role begin by hand, by procedures that the database accepts as the vault's, so that tests also reach the
 * guards of a ticket. Only a superuser can do this.
 */
export async function openWayPastGuard(superuser: Client): Promise<void> {
  await superuser.query(
    `CREATE SCHEMA by_hand;
    GRANT USAGE ON SCHEMA by_hand TO PUBLIC;
    CREATE PROCEDURE by_hand.unseal_delegated_share(w text, c text, u text, r text, a text, q text, OUT ticket uuid)
      LANGUAGE plpgsql AS 'BEGIN ticket := vault_api.begin_unseal_delegated_share(w, c, u, r, a, q); END';
    CREATE PROCEDURE by_hand.unseal_records(i json, r text, a text, q text, OUT ticket uuid)
      LANGUAGE plpgsql AS 'BEGIN ticket := vault_api.begin_unseal_records(i, r, a, q); END'`,
  );
}

/** Logs, and returns a ticket that can be redeemed after the commit. */
export async function issuedTicket(client: Client, route: Route, wallet: readonly [string, string]): Promise<string> {
  const { rows } = await client.query<{ ticket: string }>(beginPastGuard(route), [...wallet]);
  return rows[0]?.ticket ?? '';
}

/** A sealed record of the running test, its wallet as parameters, and a connection as the unsealer: `useRecord` assigns them. */
export let record: NewRecord;
export let wallet: readonly [string, string];
export let unsealer: Client;

/** Starts a database whose first guard can be passed. */
export function useWayPastGuard(): void {
  useStores(['sealer']);
  beforeAll(async () => {
    await openWayPastGuard(superuser);
    database.keepOpen();
  });
}

/** Gives each test a sealed record of the route's kind, and a connection. */
export function useRecord({ kind }: Route): void {
  beforeEach(async () => {
    record = newRecordOf(kind, newWallet());
    wallet = [record.walletId, record.chain];
    await sealer.seal(record, caller, soon());
    unsealer = await database.login('vault_unsealer');
  });
  afterEach(() => database.disconnect());
}
