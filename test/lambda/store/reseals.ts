import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Kind } from '../../../lambda/contract/kinds';
import { PostgresFreezes } from '../../../lambda/store/freezes';
import { PostgresReseals, type StaleRecord } from '../../../lambda/store/reseals';
import { Session } from '../../../lambda/store/session';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newWallet } from './fixtures';
import { KEYS, TARGET, recordOf, resealed } from './reseal-support';
import { auditor, database, sealer, superuser, useStores } from './stores';

/** A database without records, and a run that goes on. `useReseals` assigns them. */
export let reseals: PostgresReseals;
export let freezer: PostgresFreezes;
export let run: string;

/** keys that may be opened with: the present one, retiring ones */
export const LISTED: readonly string[] = [KEYS.present, `${KEYS.present}-2`, KEYS.former];

export function useReseals(): void {
  useStores(['auditor', 'receiver', 'revoker', 'sealer', 'unsealer']);
  beforeAll(async () => {
    reseals = new PostgresReseals(new Session(await database.settings('vault_resealer')));
    freezer = new PostgresFreezes(new Session(await database.settings('vault_freezer')));
  });
  beforeEach(async () => {
    run = `rotation-${randomUUID()}`;
    await superuser.query(`DELETE FROM vault.delegated_shares; DELETE FROM vault.server_key_shares;
      DELETE FROM vault.reseal_claims`);
    await reseals.start(run, TARGET, soon());
  });
  afterEach(async () => {
    await superuser.query("UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE thawed_at IS NULL");
  });
}

/** Seals a record under the former key. */
export async function sealed(kind: Kind = 'delegated-share', changes: Partial<NewRecord> = {}): Promise<NewRecord> {
  const record = recordOf(kind, newWallet(), changes);
  await sealer.seal(record, caller, soon());
  return record;
}

export const claim = (limit = 100, of = run, keys = LISTED) => reseals.claim(of, keys, limit, 'request-1', soon());

export const idsOf = (records: readonly StaleRecord[]) => records.map(({ recordId }) => recordId).sort();

export async function resealAll(): Promise<readonly string[]> {
  const records = await claim();
  return reseals.finish(run, await Promise.all(records.map((record) => resealed(record))), soon());
}

export async function stored(record: WalletKey & { readonly recordId: string }) {
  const { records } = await auditor.records(record, soon());
  return records.find(({ recordId }) => recordId === record.recordId);
}
