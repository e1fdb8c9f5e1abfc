import { afterAll, beforeAll } from '@jest/globals';
import type { Client } from 'pg';
import { ChainVerifier } from '../../../lambda/contract/chain';
import type { RecordStore, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';

/** A migrated database, and its stores, each connected as one user. `useStores` assigns them. */
export let database: TestDatabase;
export let superuser: Client;
export let receiver: RecordStore;
export let sealer: RecordStore;
export let unsealer: RecordStore;
export let revoker: RecordStore;
export let reader: RecordStore;
export let auditor: RecordStore;

const ASSIGN = {
  receiver: (store: RecordStore) => (receiver = store),
  sealer: (store: RecordStore) => (sealer = store),
  unsealer: (store: RecordStore) => (unsealer = store),
  revoker: (store: RecordStore) => (revoker = store),
  reader: (store: RecordStore) => (reader = store),
  auditor: (store: RecordStore) => (auditor = store),
};

/**
 * Starts a database and connects these stores before the tests of a file or a `describe`, and stops it after them.
 *
 * @param programsDir PostgreSQL's programs; the package's, if absent
 */
export function useStores(names: readonly (keyof typeof ASSIGN)[], programsDir?: string): void {
  beforeAll(async () => {
    database = await TestDatabase.start({}, programsDir);
    superuser = await database.superuser();
    for (const name of names) ASSIGN[name](await database.store(`vault_${name}`));
  });
  afterAll(() => database.stop());
}

/** Returns where a wallet's log is broken, or nothing if it is intact. */
export async function problemOf(wallet: WalletKey) {
  const verifier = new ChainVerifier(wallet, await auditor.chainHead(wallet, soon()));
  verifier.add(await auditor.log(wallet, 0, 500, soon()));
  return verifier.end();
}
