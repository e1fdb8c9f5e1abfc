import { problemOfPlace } from '../../../lambda/contract/chain';
import type { AccessLogEntry, ArchivedRows } from '../../../lambda/contract/responses';
import { CommandFailure, UsageError } from '../command';
import type { LogItem } from '../../verify';

/** Rows of a wallet's access log without a gap, as far as the vault has them. */
interface Section {
  /** rows come behind this number */
  readonly after: number;
  /** the last row @default - the last one that the vault has */
  readonly until: number | undefined;
  /** whether it continues rows that were read before: only a gap shows that rows are archived @default false */
  readonly continues?: boolean;
}

/**
 * Puts a wallet's archived rows, as spans, in the place of their own. The vault is asked for them if rows are missing that no known
 * span has, and after it was asked for the rows behind: so spans that a sweep archives meanwhile are among them. Throws `UsageError` if
 * the section begins or ends at a row whose hash only the archive has, and `CommandFailure` if a span has rows that were read and rows
 * that were not: a sweep archived them between two pages, and the rows before the gap don't fit the span.
 */
export async function* withArchived(
  entries: AsyncIterable<AccessLogEntry>,
  { after, until, continues = false }: Section,
  archivedRows: () => Promise<readonly ArchivedRows[]>,
): AsyncGenerator<LogItem, void, undefined> {
  let last: number | undefined;
  let archived: readonly ArchivedRows[] = [];
  const spansBefore = async (next: number): Promise<readonly ArchivedRows[]> => {
    const place = last ?? after;
    if (!closes(archived, place, next)) archived = await archivedRows();
    if (last === undefined && !continues) requireKept('after', after, archived);
    if (until !== undefined && next > until) requireKept('head', until, archived);
    requireApart(place, next, archived);
    return archived.filter(({ from }) => from > place && from < next);
  };
  for await (const entry of entries) {
    if (until !== undefined && entry.sequence > until) break;
    if (entry.sequence > (last ?? after) + 1) yield* await spansBefore(entry.sequence);
    yield entry;
    last = Math.max(last ?? after, entry.sequence);
  }
  if (until === undefined ? !continues : (last ?? after) < until) yield* await spansBefore((until ?? Infinity) + 1);
}

/** Returns whether spans have all rows between two others. */
function closes(archived: readonly ArchivedRows[], after: number, before: number): boolean {
  let reached = after;
  for (const { from, sequence } of archived) if (from === reached + 1) reached = sequence;
  return reached === before - 1;
}

function requireKept(option: string, sequence: number | undefined, archived: readonly ArchivedRows[]): void {
  const problem = sequence === undefined ? undefined : problemOfPlace(sequence, archived);
  if (problem !== undefined) throw new UsageError(`--${option}: ${problem}`);
}

/** The rows beside a gap were read: a span that has one of them, and rows of the gap, was archived since. */
function requireApart(before: number, next: number, archived: readonly ArchivedRows[]): void {
  const isDivided = archived.some(
    ({ from, sequence }) => (from <= before && before < sequence) || (from < next && next <= sequence),
  );
  if (isDivided) throw new CommandFailure('rows were archived while the log was read: run the command again');
}
