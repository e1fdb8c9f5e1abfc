import { beforeEach } from '@jest/globals';
import type {
  CreatedOutcome,
  DeliveredRecord,
  RevokedOutcome,
  SealedRecord,
  WalletKey,
} from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, deliveredRecord, newDelivery, newWallet, query } from './fixtures';
import { receiver, unsealer } from './stores';

/** The wallet of the running test: `useNewWallet` assigns it. */
export let wallet: WalletKey;

/** Assigns each test a wallet of its own. */
export function useNewWallet(): void {
  beforeEach(() => {
    wallet = newWallet();
  });
}

/** Delivers a record of the wallet. */
export const created = (time: bigint, changes: Partial<DeliveredRecord> = {}): Promise<CreatedOutcome> =>
  receiver.receiveCreated(deliveredRecord(wallet, changes), newDelivery(time), soon());

/** Delivers a revocation of the wallet. */
export const revoked = (time: bigint): Promise<RevokedOutcome> =>
  receiver.receiveRevoked(wallet, newDelivery(time), soon());

/** Unseals the wallet's live record. */
export const opened = (): Promise<SealedRecord> => unsealer.unseal(query(wallet), caller, soon());
