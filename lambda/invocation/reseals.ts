import type { KeyProvider } from '../keys/provider';
import { PendingReceipts } from '../store/receipts';
import { PostgresReseals } from '../store/reseals';
import { type DbSettings, createStore } from './record-store';
import type { Deadline } from './deadline';

/** What a step and a receipt work with. */
export interface ResealParts {
  readonly environment: string;
  readonly reseals: PostgresReseals;
  /** seals under the share key; opens with that and with those that only open */
  readonly shareKey: KeyProvider;
  /** of every key that may be opened with, as records name them */
  readonly keyIds: readonly string[];
  /** of the share key's present material; '' if it has none */
  readonly currentMaterialId: (signal: AbortSignal) => Promise<string>;
  /** Returns the share key again. `onUnwrap` gets the id of the material of each data key that AWS KMS opens. */
  readonly observedKey: (onUnwrap: (materialId: string) => void) => KeyProvider;
}

/** One invocation for a run. */
export interface ResealCall {
  readonly run: string;
  readonly requestId: string;
  readonly deadline: Deadline;
}

/** Resealing and its receipts, through the process's connection to the database. */
export function createReseals(settings: DbSettings): {
  readonly reseals: PostgresReseals;
  readonly pending: PendingReceipts;
} {
  const { session } = createStore(settings);
  return { reseals: new PostgresReseals(session, session.forLongStatements()), pending: new PendingReceipts(session) };
}
