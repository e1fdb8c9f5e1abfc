import type { CensusGroup } from '../../../lambda/contract/responses';
import type { ResealRunFact } from '../../../lambda/contract/reseal-runs';
import { CONSUMER_ENV } from '../../../lambda/contract/variables';
import type { ShareVaultClient } from '../../client';
import { CommandFailure, type Context, type Values } from '../command';
import { actorOf } from '../data/options';
import { withVault } from '../data/vault';
import { EXIT } from '../exit-codes';
import { type Progress, leftOf, progressOf } from './progress';

/** A census reads every record's row in an index, in the database that reseals. */
const CENSUS_PAUSE_MS = 60_000;

/** The two calls that progress is read with. */
type Counts = Pick<ShareVaultClient, 'reseals' | 'census'>;
/** Calls a vault. Throws `CommandFailure`. */
export type Ask = <T>(use: (vault: Counts) => Promise<T>) => Promise<T>;

/** Returns what calls the vault; `undefined` if the caller names no actor. Throws `UsageError` for a malformed one. */
export function askAs(context: Context, values: Values): Ask | undefined {
  if (values.actor === undefined && (context.env[CONSUMER_ENV.actor] ?? '') === '') return undefined;
  actorOf(context, values);
  return (use) => withVault(context, values, 'audit', use);
}

/**
 * Reads the progress of one run, any number of times. Records are counted at most once a minute, and again when the run has
 * ended; in between, those that the run has resealed since are subtracted.
 */
export class ProgressReader {
  readonly #now: () => number;
  #ask: Ask | undefined;
  #counted: { readonly left: number; readonly resealed: number; readonly at: number } | undefined;
  #before: { readonly resealed: number; readonly at: number } | undefined;
  #note: string | undefined;

  /** @param ask - absent: the caller names no actor, so there is no progress */
  constructor(ask: Ask | undefined, now: () => number = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  /**
   * Returns the run's progress; `undefined` before its first step, or if the vault doesn't say it. Then `note` may get the
   * reason, once. After a failure that doesn't pass, such as a missing permission, the vault isn't asked again.
   */
  async read(run: string, isRunning: boolean, note: (reason: string) => void): Promise<Progress | undefined> {
    if (this.#ask === undefined) return undefined;
    try {
      const progress = await this.#ask((vault) => this.#progress(vault, run, isRunning));
      this.#note = undefined;
      return progress;
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (error.exit !== EXIT.retryable) this.#ask = undefined;
      // each request has its own id
      const reason = error.message.replace(/ \(request [^)]*\)$/, '');
      if (this.#note !== reason) note(error.message);
      this.#note = reason;
      return undefined;
    }
  }

  async #progress(vault: Counts, name: string, isRunning: boolean): Promise<Progress | undefined> {
    const find = async () => (await vault.reseals()).find(({ run }) => run === name);
    let run = await find();
    if (run === undefined) return undefined;
    const isDue = this.#counted === undefined || this.#now() - this.#counted.at >= CENSUS_PAUSE_MS || !isRunning;
    if (isDue) {
      const { groups } = await vault.census();
      // what was resealed until now may be in the census
      run = (await find()) ?? run;
      this.#count(run, groups);
    }
    const { left = 0, resealed = 0 } = this.#counted ?? {};
    const progress = progressOf(run, Math.max(0, left - (run.resealed - resealed)), this.#before, this.#now());
    this.#before = { resealed: run.resealed, at: this.#now() };
    return progress;
  }

  #count(run: ResealRunFact, groups: readonly CensusGroup[]): void {
    this.#counted = { left: leftOf(run, groups), resealed: run.resealed, at: this.#now() };
  }
}
