import { LIMITS } from '../../../lambda/contract/limits';
import type { ChainPosition } from '../../../lambda/contract/responses';
import type { Wallet } from '../../requests';
import { type Context, UsageError, type Values } from '../command';
import { ascii } from '../output';
import { type ArchivedMonth, problemOfObject, readMonth, rowsOfMonth } from './archive-month';
import { ArchivedSpans } from './archived-spans';
import { headOf, listOf } from './options';

const PROGRESS_ROWS = 1_000_000;
/** Options that choose something else than archives. */
const OTHERS = ['actor', 'quiet', 'follow', 'file', 'archived', 'after'];

/**
 * Verifies archived months in folders: their objects against the manifests, then the rows of all wallets as chains across the
 * months. Returns 1 if a file or a chain is broken.
 */
export async function runArchives(context: Context, values: Values, folders: readonly string[]): Promise<0 | 1> {
  if (values.verify !== true) throw new UsageError('--archive: expected --verify with it');
  const other = OTHERS.find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--archive: expected no --${other} with it`);
  const head = headOf(values);
  const wallet = walletOfHead(values, head);
  const months: ArchivedMonth[] = [];
  for (const folder of folders) months.push(await readMonth(folder));
  requireOneVault(months);
  const report = new Report(context);
  compareDigests(months, digestsOf(values), report);
  for (const month of months) await verifyObjects(context, month, report);
  // rows of a file with another digest prove nothing
  if (report.count === 0) await verifyChains(context, months, report, wallet && head && { wallet, head });
  return report.end();
}

/** Each month has a digest that was noted, and each digest a month: one that was left out would not be missed. */
function compareDigests(months: readonly ArchivedMonth[], noted: readonly string[], report: Report): void {
  if (noted.length === 0) return;
  for (const { folder, sha256 } of months) {
    if (!noted.includes(sha256))
      report.add(`${folder}: expected a manifest with one of the digests that are given, got ${sha256}`);
  }
  const found = new Set(months.map(({ sha256 }) => sha256));
  for (const digest of noted)
    if (!found.has(digest)) report.add(`expected a folder with the manifest ${digest}, got none`);
}

/** Returns the digests of manifests that the database noted, hex. */
function digestsOf(values: Values): readonly string[] {
  const digests = listOf(values, 'manifest');
  if (!digests.every((digest) => /^[0-9a-f]{64}$/.test(digest)))
    throw new UsageError('--manifest: expected a SHA-256 in 64 hexadecimal digits');
  return digests;
}

/** A head is one wallet's. */
function walletOfHead({ wallet, chain }: Values, head: ChainPosition | undefined): Wallet | undefined {
  const named = typeof wallet === 'string' && typeof chain === 'string';
  if (head !== undefined && !named) throw new UsageError('--head: expected --wallet and --chain with --archive');
  if (head === undefined && (wallet !== undefined || chain !== undefined))
    throw new UsageError('--archive: expected --head with --wallet and --chain');
  return named ? { walletId: wallet, chain } : undefined;
}

function requireOneVault(months: readonly ArchivedMonth[]): void {
  const environments = new Set(months.map(({ manifest }) => manifest.environment));
  if (environments.size > 1) throw new UsageError('--archive: expected months of one environment, got several');
  const ends = new Set(months.map(({ manifest }) => manifest.until));
  if (ends.size < months.length) throw new UsageError('--archive: expected each month once, got one twice');
}

async function verifyObjects({ stderr }: Context, month: ArchivedMonth, report: Report): Promise<void> {
  const { folder, manifest, sha256 } = month;
  const { rows, objects, until } = manifest;
  for (const object of objects) report.add(await problemOfObject(month, object));
  stderr.write(`${ascii(folder)}: ${rows} rows before ${until}, ${objects.length} objects, manifest ${sha256}\n`);
}

interface Given {
  readonly wallet: Wallet;
  readonly head: ChainPosition;
}

async function verifyChains(
  { stderr }: Context,
  months: readonly ArchivedMonth[],
  report: Report,
  given: Given | undefined,
): Promise<void> {
  const spans = new ArchivedSpans();
  let [rows, wallets, later, found] = [0, 0, 0, false];
  try {
    for (const month of months) {
      for await (const row of rowsOfMonth(month)) {
        report.add(await spans.add(row), row.wallet, row.entry.sequence);
        rows += 1;
        if (rows % PROGRESS_ROWS === 0) stderr.write(`verified ${rows} rows\n`);
      }
      await spans.endMonth();
    }
    for await (const { ends, problem } of spans.join()) {
      report.add(problem, ends.wallet);
      wallets += 1;
      if (ends.from > 1) later += 1;
      if (given?.wallet.walletId !== ends.wallet.walletId || given.wallet.chain !== ends.wallet.chain) continue;
      found = true;
      report.add(problemOfHead(ends.head, given.head), ends.wallet);
    }
  } finally {
    spans.close();
  }
  if (given !== undefined && !found) report.add('expected rows, got none', given.wallet);
  stderr.write(`verified ${rows} rows of ${wallets} wallets\n`);
  if (later > 0) stderr.write(`${later} wallets begin after row 1: their first rows are in earlier months\n`);
}

function problemOfHead(last: ChainPosition, head: ChainPosition): string | undefined {
  if (last.sequence !== head.sequence)
    return `expected row ${head.sequence} to be the last one, got row ${last.sequence}`;
  return last.hash === head.hash ? undefined : "expected the last row's hash to be the head's, got another";
}

/** Prints problems, the first 100 of them. */
class Report {
  count = 0;

  constructor(private readonly context: Context) {}

  add(problem: string | undefined, wallet?: Wallet, sequence?: number): void {
    if (problem === undefined) return;
    this.count += 1;
    if (this.count > LIMITS.logProblems) return;
    const of = wallet && `wallet ${JSON.stringify(wallet.walletId)} on ${JSON.stringify(wallet.chain)}: `;
    const row = sequence === undefined ? '' : `row ${sequence}: `;
    this.context.stderr.write(`${ascii(`${of ?? ''}${row}${problem}`)}\n`);
  }

  /** Returns the exit code. */
  end(): 0 | 1 {
    if (this.count > LIMITS.logProblems) this.context.stderr.write(`and ${this.count - LIMITS.logProblems} more\n`);
    this.context.stderr.write(this.count === 0 ? 'intact: the archive\n' : 'broken: the archive\n');
    return this.count === 0 ? 0 : 1;
  }
}
