import type { AccessLogEntry, ArchivedRows, AuditVerifyResponse, ChainPosition } from '../lambda/contract/responses';
import type { AuditVerifyRequest } from '../lambda/contract/requests';
import { CHAIN_START, type ChainProblem, ChainVerifier, problemOfPlace } from '../lambda/contract/chain';
import { LIMITS } from '../lambda/contract/limits';
import { ShareVaultError } from './errors';
import { rejected } from './responses';
import type { VerifyOptions, VerifyRowsOptions, Wallet } from './requests';

/** The members of a verify request that choose the rows. */
export type VerifyRange = Pick<AuditVerifyRequest, 'after' | 'hash' | 'until'>;

/** A row of an access log, or rows that were archived and stand in the place of their own. */
export type LogItem = AccessLogEntry | ArchivedRows;

export interface LogVerification extends Partial<ChainProblem> {
  readonly intact: boolean;
  /** the last row that was read: the next verification can start after it */
  readonly verifiedTo: ChainPosition;
  /**
   * number of rows that were passed over as archived, and not verified: 0 if every row was. Who gives the spans can hide any rows behind
   * them, until they are compared with the archive
   */
  readonly archivedRows: number;
}

/** Rows between two calls of `onProgress`. */
const PROGRESS_ROWS = 10_000;

/**
 * Lets the vault verify a log part by part, each from the end of the one before, up to the head of the first part. A
 * vault of an earlier release refuses to begin at a row; it verifies the whole log in one call. If a part's first rows were
 * archived since the part before, the vault refuses it: verification begins again, once.
 */
export async function verifyInParts(
  verify: (range: VerifyRange) => Promise<AuditVerifyResponse>,
  { after = CHAIN_START, until, onProgress }: VerifyOptions,
): Promise<AuditVerifyResponse> {
  const fromStart = after.sequence === 0 && until === undefined;
  let all = await verify(rangeOf(after, until)).catch((error: unknown) => {
    if (fromStart && isRefused(error)) return verify({});
    throw error;
  });
  const head = until ?? { sequence: all.length, hash: all.head };
  let isAgain = false;
  for (let part = all, position = after; ;) {
    requireHead(part, head);
    const reached = part.complete === false ? requireLater(part.verifiedTo, position, head) : head;
    if (part.complete === true && part.intact) requireEnd(part.verifiedTo, head);
    onProgress?.({ verified: reached.sequence, of: head.sequence });
    if (part.complete !== false) return all;
    position = reached;
    part = await verify(rangeOf(position, head)).catch((error: unknown) => {
      if (isAgain || !isRefused(error)) throw error;
      isAgain = true;
      position = after;
      return verify(rangeOf(after, head));
    });
    // begun again: the rows of the parts before are verified, and reported, once more
    all = position === after ? part : join(all, part);
  }
}

const isRefused = (error: unknown): boolean => error instanceof ShareVaultError && error.code === 'InvalidRequest';

/**
 * Verifies rows of an access log here, from any source, oldest first; reads no more of them than up to `until`.
 * Without `until` it finds changes between the first row and the last, but no rows that are missing at the end. With `archived`
 * (`archivedLog`), rows that the vault has no more are passed over: only their ends are compared with the rows beside them, and
 * `archivedRows` of the result counts them. Archived rows may also be among `entries`, in the place of their own, as an export has them. Throws `RangeError` if `after` or `until` is
 * an archived row and not the last row of a span: only the archive has its hash.
 */
export async function verifyLog(
  wallet: Wallet,
  entries: Iterable<LogItem> | AsyncIterable<LogItem>,
  { after, until, archived, onProgress, signal }: VerifyRowsOptions = {},
): Promise<LogVerification> {
  requireKept({ after, until }, archived);
  const head = until && { length: until.sequence, hash: Buffer.from(until.hash, 'hex') };
  const verifier = new ChainVerifier(wallet, head, after, archived);
  let rows = 0;
  if (until === undefined || verifier.position.sequence < until.sequence) {
    for await (const entry of entries) {
      signal?.throwIfAborted();
      if ('from' in entry) {
        requireKept({ after, until }, [entry]);
        verifier.addArchived(entry);
      } else verifier.add([entry]);
      rows += 1;
      const verified = verifier.position.sequence;
      if (rows % PROGRESS_ROWS === 0) onProgress?.({ verified, of: until?.sequence });
      if (until !== undefined && verified >= until.sequence) break;
    }
  }
  const problem = verifier.end();
  return {
    intact: problem === undefined,
    ...problem,
    verifiedTo: verifier.position,
    archivedRows: verifier.archivedRows,
  };
}

function requireKept(places: Pick<VerifyRowsOptions, 'after' | 'until'>, archived: readonly ArchivedRows[] = []): void {
  for (const name of ['after', 'until'] as const) {
    const place = places[name];
    const problem = place && problemOfPlace(place.sequence, archived);
    if (problem !== undefined) throw new RangeError(`${name}: ${problem}`);
  }
}

function rangeOf({ sequence, hash }: ChainPosition, until: ChainPosition | undefined): VerifyRange {
  // a log entry is a position too: its other members are not sent
  return { after: sequence, hash, ...(until && { until: { sequence: until.sequence, hash: until.hash } }) };
}

function requireHead({ length, head }: AuditVerifyResponse, { sequence, hash }: ChainPosition): void {
  if (length !== sequence || head !== hash) throw rejected('head: expected the requested one');
}

/** A part that leads back, or past the head, would repeat forever. */
function requireLater(reached: ChainPosition | undefined, position: ChainPosition, head: ChainPosition): ChainPosition {
  const isLater = reached !== undefined && reached.sequence > position.sequence && reached.sequence < head.sequence;
  if (isLater) return reached;
  throw rejected('verifiedTo: expected a later position before the head');
}

/** A part that ends early would be taken for the whole log. */
function requireEnd(reached: ChainPosition | undefined, { sequence, hash }: ChainPosition): void {
  if (reached?.sequence !== sequence || reached.hash !== hash) throw rejected('verifiedTo: expected the head');
}

/** The first part's problem stays the first one. */
function join(before: AuditVerifyResponse, part: AuditVerifyResponse): AuditVerifyResponse {
  if (before.intact) return part;
  const problems = [...(before.problems ?? []), ...(part.problems ?? [])].slice(0, LIMITS.logProblems);
  const problemCount = (before.problemCount ?? 0) + (part.problemCount ?? 0);
  return { ...part, intact: false, brokenAt: before.brokenAt, problem: before.problem, problems, problemCount };
}
