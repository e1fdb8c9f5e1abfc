import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { ChainVerifier } from '../../../lambda/contract/chain';
import type { DeliveredRecord, Delivery, RecordStore, WalletKey } from '../../../lambda/store/store';
import type { TestDatabase } from '../../support/postgres';
import { soon } from '../../support/postgres';
import { at, caller, deliveredRecord, newDelivery, query } from './fixtures';

/** An event of a wallet; deliveries report events in any order. */
export interface Happening {
  readonly event: 'created' | 'revoked';
  /** of the minute that is long gone; also the name of the record that it brings */
  readonly seconds: number;
}

/** Returns an event as a delivery; the sender may repeat it. */
export type Send = (receiver: RecordStore) => Promise<unknown>;

export function sending(wallet: WalletKey, { event, seconds }: Happening): Send {
  const delivery: Delivery = newDelivery(at(seconds));
  if (event === 'revoked') return (receiver) => receiver.receiveRevoked(wallet, delivery, soon());
  const record: DeliveredRecord = deliveredRecord(wallet, { shareSetId: `of ${seconds}` });
  // another delivery of the same event is sealed again
  return (receiver) => receiver.receiveCreated({ ...record, recordId: randomUUID() }, delivery, soon());
}

/** The state that deliveries leave behind. */
export interface FinalState {
  /** the readable record's name, else the error code of an unseal */
  readonly readable: string;
  readonly tombstone: boolean;
  readonly revokedUntil: bigint | undefined;
  /** records that a revocation should have destroyed */
  readonly escaped: number;
  /** whether the access log's chain verifies */
  readonly intact: boolean;
}

/** Reads the state of a wallet, with the rights of the users that read it. */
export class Observer {
  private constructor(
    private readonly superuser: Client,
    private readonly unsealer: RecordStore,
    private readonly auditor: RecordStore,
  ) {}

  static async of(database: TestDatabase): Promise<Observer> {
    const [unsealer, auditor] = [await database.store('vault_unsealer'), await database.store('vault_auditor')];
    return new Observer(await database.superuser(), unsealer, auditor);
  }

  async stateOf(wallet: WalletKey): Promise<FinalState> {
    return {
      readable: await readable(this.unsealer, wallet),
      ...(await this.#left(wallet)),
      intact: await this.#intact(wallet),
    };
  }

  async #left({ walletId, chain }: WalletKey): Promise<Pick<FinalState, 'tombstone' | 'revokedUntil' | 'escaped'>> {
    const { rows } = await this.superuser.query<{ at: Date | null; until: string | null; escaped: string }>({
      name: 'left',
      text: `SELECT w.revoked_at AS at, w.revoked_until_ns AS until, count(s.id) AS escaped
        FROM vault.wallets AS w LEFT JOIN vault.delegated_shares AS s ON s.wallet_id = w.wallet_id AND s.chain = w.chain
          AND (w.revoked_at IS NOT NULL OR coalesce(s.order_ns, -1) <= w.revoked_until_ns)
        WHERE w.wallet_id = $1 AND w.chain = $2 GROUP BY w.wallet_id, w.chain`,
      values: [walletId, chain],
    });
    const { at, until, escaped } = rows[0] ?? { at: null, until: null, escaped: 0 };
    return {
      tombstone: at !== null,
      revokedUntil: until === null ? undefined : BigInt(until),
      escaped: Number(escaped),
    };
  }

  async #intact(wallet: WalletKey): Promise<boolean> {
    const verifier = new ChainVerifier(wallet, await this.auditor.chainHead(wallet, soon()));
    verifier.add(await this.auditor.log(wallet, 0, 500, soon()));
    return verifier.end() === undefined;
  }
}

export function readable(unsealer: RecordStore, wallet: WalletKey): Promise<string> {
  return unsealer.unseal(query(wallet), caller, soon()).then(
    ({ shareSetId }) => shareSetId ?? 'nameless',
    (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
  );
}

/** Returns the expected state, by the events' times only. */
export function stateByTime(happenings: readonly Happening[]): FinalState {
  const newest = (event: Happening['event']): number =>
    Math.max(-1, ...happenings.filter((each) => each.event === event).map(({ seconds }) => seconds));
  const [created, revoked] = [newest('created'), newest('revoked')];
  const tombstone = revoked >= 0 && created <= revoked;
  return {
    readable: tombstone ? 'Revoked' : `of ${created}`,
    tombstone,
    revokedUntil: revoked < 0 ? undefined : at(revoked),
    escaped: 0,
    intact: true,
  };
}
