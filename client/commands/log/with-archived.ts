import { problemOfPlace } from '../../../lambda/contract/chain';
import type { AccessLogEntry, ArchivedRows } from '../../../lambda/contract/responses';
import { UsageError } from '../command';
import type { LogItem } from '../../verify';

/** Rows of a wallet's access log without a gap, as far as the vault has them. */
interface Section {
  /** rows come behind this number */
  readonly after: number;
  /** the last row @default - the last one that the vault has */
  readonly until: number | undefined;
}

/**
 * Puts a wallet's archived rows, as spans, in the place of their own. The vault is asked for them only if rows are missing, and
 * after it was asked for those behind: so spans that a sweep archives meanwhile are among them. Throws `UsageError` if the section
 * begins or ends at a row whose hash only the archive has.
 */
export async function* withArchived(
  entries: AsyncIterable<AccessLogEntry>,
  { after, until }: Section,
  archivedRows: () => Promise<readonly ArchivedRows[]>,
): AsyncGenerator<LogItem, void, undefined> {
  let last: number | undefined;
  let archived: readonly ArchivedRows[] | undefined;
  const spansBefore = async (sequence: number): Promise<readonly ArchivedRows[]> => {
    archived ??= await archivedRows();
    requireKept('after', last === undefined ? after : undefined, archived);
    return archived.filter(({ from }) => from > (last ?? after) && from < sequence);
  };
  for await (const entry of entries) {
    if (until !== undefined && entry.sequence > until) break;
    if (entry.sequence > (last ?? after) + 1) yield* await spansBefore(entry.sequence);
    yield entry;
    last = Math.max(last ?? after, entry.sequence);
  }
  if (until === undefined ? last !== undefined : (last ?? after) >= until) return;
  const rest = await spansBefore((until ?? Infinity) + 1);
  requireKept('head', until, archived ?? []);
  yield* rest;
}

function requireKept(option: string, sequence: number | undefined, archived: readonly ArchivedRows[]): void {
  const problem = sequence === undefined ? undefined : problemOfPlace(sequence, archived);
  if (problem !== undefined) throw new UsageError(`--${option}: ${problem}`);
}
