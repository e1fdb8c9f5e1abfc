import * as v from 'valibot';
import { CENSUS_GROUP } from './census';
import { MATERIAL_ID_PATTERN, RUN_PATTERN } from './patterns';
import { type Described, type Schema, matching } from './schema';

/** Resealing: what the state machine asks of the function `reseal`, and what it branches on. */

/** The actor of reseals in the access log. No alias can have this name. */
export const RESEAL_ACTOR = 'vault:reseal';

const run = matching(RUN_PATTERN, 'the name of an execution');

/** Records of the sample that a run of this name opens at random; most that one may ask for: the function has 7 minutes. */
const VERIFY_RUN = /^verify-([1-9][0-9]{0,3})-/;
export const VERIFY_MAX = 2_000;

/**
 * Returns how many records a run only opens, to compare their key material with their rows, by the run's name: `verify-100-…`.
 * The name is all that an execution has before its first step. `undefined` for a run that reseals.
 */
export function recordsToVerify(name: string): number | undefined {
  const [, records] = VERIFY_RUN.exec(name) ?? [];
  return records === undefined ? undefined : Math.min(Number(records), VERIFY_MAX);
}

/**
 * `step` reseals for some minutes; `receipt` ends the run and writes what it did. `input` is the input of the execution:
 * KMS's event if a rotation started it, and anything at all if a person did.
 */
export const RESEAL_REQUEST = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('step', 'step'), run, input: v.optional(v.unknown()) }),
    v.strictObject({ action: v.literal('receipt', 'receipt'), run }),
  ],
  'step or receipt',
);
export type ResealRequest = Described<typeof RESEAL_REQUEST>;

/** The part of KMS's event `KMS CMK Rotation` that is read. */
const ROTATION_EVENT = v.object({
  source: v.literal('aws.kms', 'aws.kms'),
  detail: v.object({ 'previous-key-material-id': matching(MATERIAL_ID_PATTERN, 'the id of a key material') }),
});

/** Returns the key material before a rotation, by the event of KMS; undefined for everything else. */
export function materialBefore(event: unknown): string | undefined {
  const read = v.safeParse(ROTATION_EVENT, event);
  return read.success ? read.output.detail['previous-key-material-id'] : undefined;
}

/** Why a record could not be resealed: the record's own fault, or that of the former key that it is sealed under. */
export const RESEAL_FAILURES = [
  /** it is sealed under a key that is neither the share key nor one of the retiring ones */
  'KeyNotListed',
  /** the sealed bytes are bound to another record, field, wallet or environment */
  'ContextMismatch',
  /** the sealed bytes are not a message, or were changed */
  'MessageCorrupt',
  /**
   * the key that it is sealed under did not open: disabled, for example. The run passed over all of its records, or only
   * over this one if its row names another key
   */
  'KeyUnavailable',
  /** another key, or another key material, opened it than its row has: of a run's sample only */
  'MaterialMismatch',
] as const;
export type ResealFailure = (typeof RESEAL_FAILURES)[number];

interface Counts {
  /** records that are under the present key and material now */
  readonly resealed: number;
  /** records that were superseded, revoked or resealed meanwhile, or left since another session held their wallet */
  readonly changed: number;
  /** records that could not be resealed */
  readonly failed: number;
}

/** `step`: there is more to do; `wait`: others have claimed what is left, or KMS asks to slow down; `receipt`: nothing is left. */
export interface StepResponse extends Counts {
  readonly next: 'step' | 'wait' | 'receipt';
}

/** `fail`: some records could not be resealed. The counts are of the whole run. */
export interface ReceiptResponse extends Counts {
  readonly next: 'succeed' | 'fail';
  /** SHA-256 of the receipt, hex */
  readonly sha256: string;
}

const text: Schema<string> = v.string('a string');
const count: Schema<number> = v.pipe(v.number('a number'), v.safeInteger('a whole number'), v.minValue(0, '0 or more'));

export const RESEAL_SAMPLE = v.object({
  opened: count,
  mismatched: count,
  failed: count,
  /** of those opened, the ones whose rows name no material, while KMS does; absent: of a former release */
  uncompared: v.optional(count),
});

/** What a run did, as canonical JSON: members sorted, no blanks, UTF-8. */
export const RESEAL_RECEIPT = v.object({
  version: v.literal(1, '1'),
  environment: text,
  run,
  /** of the share key that the run's last step sealed with */
  keyId: text,
  keyMaterialId: text,
  startedAt: text,
  endedAt: text,
  resealed: count,
  changed: count,
  failed: count,
  /** all records of the vault after the run, by kind, key and material */
  census: v.array(CENSUS_GROUP, 'a list'),
  /** records under the present key and material, in percent, rounded down to hundredths */
  percentOnTarget: v.number('a number'),
  /**
   * SHA-256 over the heads of the wallets' logs at a time: the lines `wallet TAB chain TAB length TAB hash LF`, in the order
   * of the wallets' names in the database
   */
  heads: v.object({ at: text, wallets: count, sha256: text }),
  /**
   * records that were opened at random after the run; mismatched: KMS named another material than the record's row; failed:
   * they do not open
   */
  sample: RESEAL_SAMPLE,
});
export type ResealReceipt = Described<typeof RESEAL_RECEIPT>;
