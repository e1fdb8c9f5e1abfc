import type { ChainPosition } from '../../../lambda/contract/responses';
import type { Wallet } from '../../requests';
import type { LogItem, LogVerification } from '../../verify';
import { readInChunks } from '../bounded';
import { CommandFailure, type Context, UsageError, type Values } from '../command';
import { nameOf } from '../error-facts';
import { type LogLine, readLines } from './lines';
import { headOf, startOf } from './options';
import { report, verifyRows } from './verify-rows';

/** Verifies lines of a file: rows of one wallet, or an export of several with the head of each. */
export async function runOffline(context: Context, values: Values, file: string): Promise<0 | 1> {
  if (values.verify !== true) throw new UsageError('--file: expected --verify with it');
  const other = ['wallet', 'chain', 'actor', 'quiet', 'follow'].find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--file: expected no --${other} with it`);
  const options = { after: startOf(values, true), given: headOf(values), acceptsArchived: values.archived === true };
  const source = file === '-' ? context.stdin : readInChunks(file);
  try {
    return await verifyLines(context, readLines(source), options);
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof UsageError) throw error;
    // a row whose hash only the archive has
    if (error instanceof RangeError) throw new UsageError(`--${error.message.replace(/^until/, 'head')}`);
    throw new CommandFailure(`--file: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  } finally {
    source.destroy();
  }
}

interface Options {
  readonly after: ChainPosition;
  /** the head to verify against: one wallet's */
  readonly given: ChainPosition | undefined;
  readonly acceptsArchived: boolean;
}

/** Returns 1 if the log of any wallet is broken, or has archived rows that are not accepted: anyone can write such a line. */
async function verifyLines(
  context: Context,
  lines: AsyncGenerator<LogLine, void, undefined>,
  { after, given, acceptsArchived }: Options,
): Promise<0 | 1> {
  let code: 0 | 1 = 0;
  let first = await lines.next();
  if (first.done === true) throw new CommandFailure('expected rows of an access log, got none');
  while (first.done !== true) {
    const group = new Group(first.value, lines);
    const verified = await verifyRows(context, group.wallet, group.items(), after, given);
    const head = given ?? group.head;
    const compared = given === undefined && head !== undefined ? compare(verified, head) : verified;
    if (given !== undefined) await requireNoOther(group, lines);
    if (report(context, group.wallet, compared, head) === 1) code = 1;
    else if (compared.archivedRows > 0 && !acceptsArchived) {
      context.stderr.write('expected every row, or --archived to accept archived ones, got neither\n');
      code = 1;
    }
    first = await lines.next();
  }
  return code;
}

/** Reads the lines after the head that was given. Throws if another wallet has one: its rows would not be verified. */
async function requireNoOther(group: Group, lines: AsyncIterable<LogLine>): Promise<void> {
  for await (const { wallet } of lines) {
    if (group.has(wallet)) continue;
    throw new UsageError('--head: expected lines of one wallet with it, got another: verify each wallet by itself');
  }
}

/** The lines of one wallet. An export ends them with a line that has the head. */
class Group {
  readonly wallet: Wallet;
  #head: ChainPosition | undefined;

  constructor(
    private readonly first: LogLine,
    private readonly lines: AsyncGenerator<LogLine, void, undefined>,
  ) {
    this.wallet = first.wallet;
  }

  get head(): ChainPosition | undefined {
    return this.#head;
  }

  has({ walletId, chain }: Wallet): boolean {
    return walletId === this.wallet.walletId && chain === this.wallet.chain;
  }

  async *items(): AsyncGenerator<LogItem, void, undefined> {
    for (let line: LogLine | undefined = this.first; line !== undefined; line = await this.#next()) {
      this.#requireWallet(line);
      this.#head = line.head;
      if (line.item === undefined) return;
      yield line.item;
    }
  }

  async #next(): Promise<LogLine | undefined> {
    const next = await this.lines.next();
    return next.done === true ? undefined : next.value;
  }

  #requireWallet({ wallet, item }: LogLine): void {
    if (this.has(wallet)) return;
    const place = item === undefined ? 'head' : `row ${item.sequence}`;
    throw new CommandFailure(`${place}: expected the wallet of the first row, got another`);
  }
}

/** Compares the end of intact rows with the head that was exported with them. */
function compare(verified: LogVerification, { sequence, hash }: ChainPosition): LogVerification {
  const { sequence: reached, hash: last } = verified.verifiedTo;
  if (!verified.intact || (reached === sequence && last === hash)) return verified;
  const problem =
    reached === sequence
      ? "expected the last row's hash to be the head's, got another"
      : `expected ${sequence} rows, got ${reached}`;
  return { ...verified, intact: false, problems: [{ sequence: Math.max(1, reached), problem }], problemCount: 1 };
}
