import {
  FREEZE_REQUEST,
  type FreezeResponse,
  type FreezeScope,
  type FreezesResponse,
  type RequestThawResponse,
  THAW_REQUEST,
  type ThawResponse,
} from '../lambda/contract/freezes';
import { readArguments } from './arguments';
import type { Invoke } from './invoke';
import type { FunctionKey } from './options';
import type { CallOptions } from './requests';
import { readFreezeResponse, readFreezesResponse, readRequestThawResponse, readThawResponse } from './responses';

/** What to freeze, and why. */
export type FreezeInput = FreezeScope & {
  /** 1 to 200 characters: the caller's own statement, stored with the freeze */
  readonly reason: string;
};

export interface RequestThawInput {
  /** the number of the freeze */
  readonly freezeId: number;
  /** 1 to 200 characters: the caller's own statement, stored in the log of freezes */
  readonly reason: string;
}

export type ConfirmThawInput = Pick<RequestThawInput, 'freezeId'>;

/** The calls that stop openings and let them go on. */
export abstract class FreezingClient {
  readonly #invoke: Invoke;
  readonly #lists: FunctionKey;

  protected constructor(invoke: Invoke, functions: Readonly<Partial<Record<FunctionKey, string>>>) {
    this.#invoke = invoke;
    this.#lists = functions.freeze === undefined && functions.thaw !== undefined ? 'thaw' : 'freeze';
  }

  /**
   * Freezes openings from the next call on: all of them, those of callers (reseals go on), or those of an actor or a kind.
   * A retry after a lost response may freeze twice; `freezes` lists both.
   */
  async freeze({ reason, ...freeze }: FreezeInput, { signal }: CallOptions = {}): Promise<FreezeResponse> {
    const request = readArguments(FREEZE_REQUEST, { action: 'freeze', freeze, reason }, 'freeze');
    return this.#invoke('freeze', request, readFreezeResponse, signal);
  }

  /** Requests a thaw. Another actor confirms it within 15 minutes. A later request replaces an earlier one. */
  async requestThaw(input: RequestThawInput, { signal }: CallOptions = {}): Promise<RequestThawResponse> {
    const request = readArguments(FREEZE_REQUEST, { ...input, action: 'request-thaw' }, 'requestThaw');
    return this.#invoke('freeze', request, readRequestThawResponse, signal);
  }

  /**
   * Confirms a thaw that another actor requested. Throws `Conflict` if the same actor requested it, if no one did in the
   * last 15 minutes, for a freeze that was thawed (also after a lost response), and for one of a restored database before its
   * tombstones were replayed (`replayFrom`).
   */
  async confirmThaw(input: ConfirmThawInput, { signal }: CallOptions = {}): Promise<ThawResponse> {
    const request = readArguments(THAW_REQUEST, { ...input, action: 'confirm-thaw' }, 'confirmThaw');
    return this.#invoke('thaw', request, readThawResponse, signal);
  }

  /** Lists the freezes in force, then former ones, newest first: at most 500. Needs the function `freeze` or `thaw`. */
  async freezes({ signal }: CallOptions = {}): Promise<FreezesResponse> {
    return this.#invoke(this.#lists, { action: 'list' }, readFreezesResponse, signal);
  }
}
