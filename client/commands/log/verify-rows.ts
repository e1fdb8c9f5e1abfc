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
  { intact, verifiedTo, problems = [], problemCount = 0 }: LogVerification,
  head: ChainPosition | undefined,
): 0 | 1 {
  for (const { sequence, problem } of problems) stderr.write(`row ${sequence}: ${problem}\n`);
  if (problemCount > problems.length) stderr.write(`and ${problemCount - problems.length} more\n`);
  const of = `the access log of wallet ${ascii(JSON.stringify(wallet.walletId))} on ${ascii(JSON.stringify(wallet.chain))}`;
  if (!intact) stderr.write(`broken: ${of}\n`);
  else if (head === undefined) {
    stderr.write(`intact to row ${verifiedTo.sequence}, without a head to compare with: ${of}\n`);
  } else stderr.write(`intact: ${of}\n`);
  if (intact) stderr.write(`head ${verifiedTo.sequence}:${verifiedTo.hash}\n`);
  return intact ? 0 : 1;
}
