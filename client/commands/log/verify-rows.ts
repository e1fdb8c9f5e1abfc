import type { ChainPosition } from '../../../lambda/contract/responses';
import type { VerifyProgress, Wallet } from '../../requests';
import { type LogItem, type LogVerification, verifyLog } from '../../verify';
import type { Context, Output } from '../command';
import { ascii } from '../output';

/** Verifies rows, and prints the progress, and which of them were archived. */
export function verifyRows(
  { stderr }: Context,
  wallet: Wallet,
  items: AsyncIterable<LogItem>,
  after: ChainPosition,
  until: ChainPosition | undefined,
): Promise<LogVerification> {
  const onProgress = ({ verified, of }: VerifyProgress): void => {
    stderr.write(of === undefined ? `verified ${verified} rows\n` : `verified ${verified} rows of ${of}\n`);
  };
  return verifyLog(wallet, reported(items, stderr), { after, until, onProgress });
}

async function* reported(items: AsyncIterable<LogItem>, output: Output): AsyncGenerator<LogItem, void, undefined> {
  for await (const item of items) {
    if ('from' in item) {
      const { from, sequence } = item;
      output.write(`archived: rows ${from} to ${sequence} are compared by their ends only\n`);
    }
    yield item;
  }
}

/** Prints the result of a verification. Returns the exit code. */
export function report(
  { stderr }: Context,
  wallet: Wallet,
  { intact, verifiedTo, archivedRows, problems = [], problemCount = 0 }: LogVerification,
  head: ChainPosition | undefined,
): 0 | 1 {
  for (const { sequence, problem } of problems) stderr.write(`row ${sequence}: ${problem}\n`);
  if (problemCount > problems.length) stderr.write(`and ${problemCount - problems.length} more\n`);
  const of = `the access log of wallet ${ascii(JSON.stringify(wallet.walletId))} on ${ascii(JSON.stringify(wallet.chain))}`;
  if (!intact) stderr.write(`broken: ${of}\n`);
  else if (head === undefined) {
    const place = `intact to row ${verifiedTo.sequence}${exceptionOf(archivedRows)}`;
    stderr.write(`${place}, without a head to compare with: ${of}\n`);
  } else stderr.write(`intact${exceptionOf(archivedRows)}: ${of}\n`);
  if (intact) stderr.write(`head ${verifiedTo.sequence}:${verifiedTo.hash}\n`);
  return intact ? 0 : 1;
}

/** A span of archived rows is a claim of who states it: a result without this would be one of rows that no one verified. */
function exceptionOf(archivedRows: number): string {
  if (archivedRows === 0) return '';
  return archivedRows === 1
    ? ' except for 1 archived row, which was not verified'
    : ` except for ${archivedRows} archived rows, which were not verified`;
}
