import type { AuditCensusResponse } from '../lambda/contract/responses';
import { AUDIT_REQUEST } from '../lambda/contract/requests';
import type { ResealFailureFact, ResealReceiptFact, ResealRunFact } from '../lambda/contract/reseal-runs';
import {
  type FinishReplayResponse,
  REPLAY_REQUEST,
  type ReplayBucketResponse,
  type ReplayResponse,
  type Tombstone,
  type TombstonesResponse,
} from '../lambda/contract/tombstones';
import { readArguments } from './arguments';
import { FreezingClient } from './freezing';
import type { Invoke } from './invoke';
import { type Audit, listResealFailures, listTombstones } from './listing';
import type { FunctionKey } from './options';
import type { CallOptions } from './requests';
import {
  readCensusResponse,
  readFinishReplayResponse,
  readReplayBucketResponse,
  readReplayResponse,
  readResealReceiptResponse,
  readResealsResponse,
  rejected,
} from './responses';

export interface TombstonesOptions extends CallOptions {
  /** those that changed at this time or later, as ISO 8601 @default - all */
  readonly since?: string;
}

/** Tombstones of the former database of a vault. */
export interface ReplayInput {
  /** the environment that they are from: the vault refuses those of another one */
  readonly environment: string;
  /** 1 to 100 */
  readonly tombstones: readonly Tombstone[];
  /** 1 to 200 characters: the caller's own statement, stored in the access logs */
  readonly reason: string;
}

/** Tombstones of the vault's bucket. */
export interface ReplayBucketInput {
  readonly environment: string;
  /** those that changed at this time or later, as ISO 8601 @default - all */
  readonly since?: string;
  /** 1 to 200 characters: the caller's own statement, stored in the access logs */
  readonly reason: string;
}

export interface FinishReplayInput {
  readonly environment: string;
  /** the time from which on the tombstones are complete, as ISO 8601 @default - the first of all */
  readonly since?: string;
  /** the time up to which they are complete, as ISO 8601 */
  readonly until: string;
}

/** The calls that rotate keys and restore databases need. */
export abstract class MaintenanceClient extends FreezingClient {
  readonly #invoke: Invoke;

  protected constructor(invoke: Invoke, functions: Readonly<Partial<Record<FunctionKey, string>>>) {
    super(invoke, functions);
    this.#invoke = invoke;
  }

  /** Counts the vault's records by kind, key and key material: those of a key that is to be retired, for example. */
  async census({ signal }: CallOptions = {}): Promise<AuditCensusResponse> {
    return this.#audit({ action: 'census' }, readCensusResponse, signal);
  }

  /** Returns the last reseals, newest first: at most 50. */
  async reseals({ signal }: CallOptions = {}): Promise<readonly ResealRunFact[]> {
    return (await this.#audit({ action: 'reseals' }, readResealsResponse, signal)).reseals;
  }

  /** Lists the records that a run could not reseal; pages are fetched lazily. */
  resealFailures(run: string, { signal }: CallOptions = {}): AsyncGenerator<ResealFailureFact, void, undefined> {
    return listResealFailures(this.#audit, run, signal);
  }

  /** Returns a run's receipt, as the table has it. */
  async resealReceipt(run: string, { signal }: CallOptions = {}): Promise<ResealReceiptFact> {
    return this.#audit({ action: 'reseal-receipt', run }, readResealReceiptResponse, signal);
  }

  /** Returns the tombstones of the vault's wallets page by page, each page with the database's time before it was read. */
  tombstones(options: TombstonesOptions = {}): AsyncGenerator<TombstonesResponse, void, undefined> {
    return listTombstones(this.#audit, options);
  }

  /** Destroys what the tombstones of the former database are newer than: in any order, and any number of times. */
  async replayTombstones(input: ReplayInput, { signal }: CallOptions = {}): Promise<ReplayResponse> {
    const request = readArguments(REPLAY_REQUEST, { ...input, action: 'replay-tombstones' }, 'replayTombstones');
    return this.#invoke('revoke', request, readReplayResponse, signal);
  }

  /**
   * Replays the tombstones of the vault's bucket page by page. What a revocation could not bring there is missing, whatever
   * its time: `finishReplay` is your own statement. A page's
   * `refused` are objects that are no tombstones of this vault, or were changed: state no `finishReplay` before you know why.
   */
  replayBucket(input: ReplayBucketInput, { signal }: CallOptions = {}): AsyncGenerator<ReplayBucketResponse, void> {
    return pagesOf(input, async (page) => {
      const request = readArguments(REPLAY_REQUEST, { ...page, action: 'replay-bucket' }, 'replayBucket');
      return this.#invoke('revoke', request, readReplayBucketResponse, signal);
    });
  }

  /**
   * States that all tombstones of a time were replayed. A restored database can be thawed once these times reach, without
   * a gap, from its newest log row until it was put behind the vault.
   */
  async finishReplay(input: FinishReplayInput, { signal }: CallOptions = {}): Promise<FinishReplayResponse> {
    const request = readArguments(REPLAY_REQUEST, { ...input, action: 'finish-replay' }, 'finishReplay');
    return this.#invoke('revoke', request, readFinishReplayResponse, signal);
  }

  readonly #audit: Audit = async (request, read, signal) =>
    this.#invoke('audit', readArguments(AUDIT_REQUEST, request, request.action), read, signal);
}

async function* pagesOf(
  input: ReplayBucketInput,
  replay: (page: ReplayBucketInput & { readonly after?: string }) => Promise<ReplayBucketResponse>,
): AsyncGenerator<ReplayBucketResponse, void> {
  for (let after: string | undefined; ;) {
    const page = await replay({ ...input, ...(after !== undefined && { after }) });
    yield page;
    if (page.next === undefined) return;
    // a page that leads back would repeat forever
    if (after !== undefined && !isAfter(page.next, after)) throw rejected('next: expected a later key');
    after = page.next;
  }
}

/** S3 sorts keys by their bytes in UTF-8. */
const isAfter = (key: string, other: string): boolean => Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
