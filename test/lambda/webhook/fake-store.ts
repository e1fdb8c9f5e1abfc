import { jest } from '@jest/globals';
import type { Handler } from '../../../lambda/invocation/handler';
import type { DeliveredRecord, Delivery, RecordStore, RevokedDelivery, WalletKey } from '../../../lambda/store/store';

type Response<K extends 'receiveCreated' | 'receiveRevoked'> = Awaited<ReturnType<RecordStore[K]>>;

/** A store that records its calls and returns the given results, so that tests need no database. */
export class FakeStore implements Pick<RecordStore, 'receiveCreated' | 'createdSeen' | 'receiveRevoked'> {
  readonly created: { readonly record: DeliveredRecord; readonly delivery: Delivery }[] = [];
  readonly revoked: { readonly wallet: WalletKey; readonly delivery: RevokedDelivery }[] = [];
  onCreated: () => Promise<Response<'receiveCreated'>> = () => Promise.resolve('sealed');
  onRevoked: (wallet: WalletKey) => Promise<Response<'receiveRevoked'>> = () => Promise.resolve('revoked');
  /** ids of known deliveries that can't be opened */
  readonly seen = new Set<string>();

  /** wallets that exist already, in any spelling */
  readonly wallets: WalletKey[] = [];

  walletsOf(walletIds: readonly string[]): Promise<readonly WalletKey[]> {
    return Promise.resolve(this.wallets.filter(({ walletId }) => walletIds.includes(walletId)));
  }

  createdSeen(_wallet: WalletKey, { eventId }: Delivery): Promise<boolean> {
    return Promise.resolve(this.seen.has(eventId));
  }

  receiveCreated(record: DeliveredRecord, delivery: Delivery): Promise<Response<'receiveCreated'>> {
    this.created.push({ record, delivery });
    return this.onCreated();
  }

  receiveRevoked(wallet: WalletKey, delivery: RevokedDelivery): Promise<Response<'receiveRevoked'>> {
    this.revoked.push({ wallet, delivery });
    return this.onRevoked(wallet);
  }

  clear(): void {
    this.created.length = 0;
    this.revoked.length = 0;
    this.wallets.length = 0;
    this.seen.clear();
    this.onCreated = () => Promise.resolve('sealed');
    this.onRevoked = () => Promise.resolve('revoked');
  }
}

/** Returns the handler over this store. The first call's environment connects its parts. */
export async function receiveInto(store: FakeStore): Promise<Handler> {
  jest.doMock('../../../lambda/store/postgres', () => ({ createPostgresStore: () => store }));
  return (await import('../../../lambda/receive')).handler;
}

/** Returns the handler of a new execution environment, without cached values. */
export function coldReceiveInto(store: FakeStore): Promise<Handler> {
  jest.resetModules();
  return receiveInto(store);
}
