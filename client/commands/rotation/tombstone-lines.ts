import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { instant, wholeNumber } from '../../../lambda/contract/schema';
import { TOMBSTONE, type Tombstone } from '../../../lambda/contract/tombstones';
import { CommandFailure } from '../command';
import { splitLines } from '../lines';

/** A list of tombstones as JSON lines: a first line, one for each wallet, and a last line that shows that none was cut. */

const FIRST = v.strictObject({
  environment: v.string(),
  /** absent: from the beginning */
  since: v.optional(instant),
});
const LAST = v.strictObject({
  tombstones: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  /** the database's time before the list was read: up to then it is complete */
  until: instant,
});
export type FirstLine = v.InferOutput<typeof FIRST>;
export type LastLine = v.InferOutput<typeof LAST>;

/** A list that was read whole. */
export interface TombstoneList extends FirstLine {
  readonly until: string;
  readonly tombstones: readonly Tombstone[];
}

/** Reads a list. Throws `CommandFailure` that has the number of the line, and no value of it. */
export async function readTombstones(source: Readable): Promise<TombstoneList> {
  const lines: unknown[] = [];
  for await (const line of splitLines(source)) lines.push(parse(line, lines.length + 1));
  const [first, ...rest] = lines;
  const last = rest.pop();
  const head = read(FIRST, first, 1);
  const end = read(LAST, last, lines.length);
  if (end.tombstones !== rest.length) {
    throw new CommandFailure(`expected ${end.tombstones} tombstones, as the last line says, got ${rest.length}`);
  }
  return { ...head, until: end.until, tombstones: rest.map((line, index) => read(TOMBSTONE, line, index + 2)) };
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new CommandFailure(`line ${number}: expected JSON, got something else`);
  }
}

function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, number: number): T {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new CommandFailure(`line ${Math.max(1, number)}: expected a line of a list of tombstones, got something else`);
}
