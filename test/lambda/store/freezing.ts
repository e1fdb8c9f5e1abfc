import { afterEach, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { KINDS } from '../../../lambda/contract/kinds';
import type { FreezeResponse, FreezeScope } from '../../../lambda/contract/freezes';
import { PostgresFreezes } from '../../../lambda/store/freezes';
import { Session } from '../../../lambda/store/session';
import type { Caller, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { newRecordOf, newWallet, query } from './fixtures';
import { database, sealer, superuser, unsealer, useStores } from './stores';

/** The freezes as the functions `freeze` and `thaw` see them: `useFreezes` assigns them. */
export let freezer: PostgresFreezes;
export let thawer: PostgresFreezes;

export const ALL: FreezeScope = { scope: 'all' };

/** Opens the stores of the running file. Nothing stays frozen for its next test. */
export function useFreezes(): void {
  useStores(['auditor', 'receiver', 'revoker', 'sealer', 'unsealer']);
  beforeAll(async () => {
    freezer = new PostgresFreezes(new Session(await database.settings('vault_freezer')));
    thawer = new PostgresFreezes(new Session(await database.settings('vault_thawer')));
  });
  // only the superuser can do this
  afterEach(async () => {
    await superuser.query("UPDATE vault.freezes SET thawed_by = 'test', thawed_at = now() WHERE thawed_at IS NULL");
  });
}

export const by = (actor: string, requestId: string = randomUUID()): Caller => ({ actor, requestId });

export function freeze(scope: FreezeScope): Promise<FreezeResponse> {
  return freezer.freeze(scope, 'ticket 4711', by('guard'), soon());
}

/** Seals a new wallet's record. */
export async function sealed(kind: (typeof KINDS)[number] = 'delegated-share'): Promise<WalletKey> {
  const wallet = newWallet();
  await sealer.seal(newRecordOf(kind, wallet), by('backend'), soon());
  return wallet;
}

export function open(
  wallet: WalletKey,
  actor = 'signer',
  kind: (typeof KINDS)[number] = 'delegated-share',
): Promise<unknown> {
  return unsealer.unseal(query(wallet, { kind }), by(actor), soon());
}
