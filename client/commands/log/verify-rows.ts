import type { AccessLogEntry, ArchivedRows, ChainPosition } from '../../../lambda/contract/responses';
import type { VerifyProgress, Wallet } from '../../requests';
import { type LogVerification, verifyLog } from '../../verify';
import type { Context } from '../command';
import { ascii } from '../output';

/** Verifies rows, and prints the progress. */
export function verifyRows(
  { stderr }: Context,
  wallet: Wallet,
  entries: AsyncIterable<AccessLogEntry>,
  after: ChainPosition,
  until: ChainPosition | undefined,
  archived: readonly ArchivedRows[] = [],
): Promise<LogVerification> {
  const onProgress = ({ verified, of }: VerifyProgress): void => {
    stderr.write(of === undefined ? `verified ${verified} rows\n` : `verified ${verified} rows of ${of}\n`);
  };
  for (const { from, sequence } of archived) {
    if (sequence > after.sequence)
      stderr.write(`archived: rows ${from} to ${sequence} are compared by their ends only\n`);
  }
  return verifyLog(wallet, entries, { after, until, archived, onProgress });
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
