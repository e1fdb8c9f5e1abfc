import type { Readable } from 'node:stream';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { AccessLogEntry, ChainPosition } from '../../../lambda/contract/responses';
import { ShareVaultClient } from '../../client';
import { ShareVaultError } from '../../errors';
import { ATTEMPT_TIMEOUT_MS } from '../../options';
import type { VerifyProgress, Wallet } from '../../requests';
import { type LogVerification, verifyLog } from '../../verify';
import { readInChunks } from '../bounded';
import { clientConfig } from '../client-config';
import { CommandFailure, type Context, UsageError, type Values, textOf } from '../command';
import { nameOf } from '../error-facts';
import { ascii, printRows, readLines } from './lines';
import { headOf, required, startOf, walletOf } from './options';

export async function runLog(context: Context, values: Values): Promise<0 | 1> {
  if (values.quiet === true && values.verify !== true) throw new UsageError('--quiet: expected --verify with it');
  const file = textOf(values, 'file');
  return file === undefined ? runOnline(context, values) : runOffline(context, values, file);
}

async function runOnline(context: Context, values: Values): Promise<0 | 1> {
  const verify = values.verify === true;
  const [wallet, after, until] = [walletOf(values), startOf(values, verify), headOf(values)];
  if (until !== undefined && !verify) throw new UsageError('--head: expected --verify with it');
  // the typed client retries, and limits an attempt as a whole: a database that resumes takes longer than other services
  const limits = { requestTimeout: ATTEMPT_TIMEOUT_MS, maxAttempts: 1 };
  const lambda = new LambdaClient(clientConfig(context.region, limits));
  try {
    const vault = clientOf(context.environment, required(values, 'actor'), lambda);
    const head = verify ? (until ?? (await vault.accessLogHead(wallet))) : undefined;
    const rows = vault.accessLog(wallet, { after: after.sequence });
    const entries = values.quiet === true ? rows : printRows(wallet, rows, context.stdout);
    if (verify) return report(context, wallet, await verifyRows(context, wallet, entries, after, head), head);
    for await (const _ of entries) if (!context.stdout.writable) break;
    return 0;
  } catch (error) {
    throw error instanceof ShareVaultError ? failureOf(error) : error;
  } finally {
    lambda.destroy();
  }
}

function clientOf(environment: string, actor: string, lambda: LambdaClient): ShareVaultClient {
  const functions = { audit: `share-vault-${environment}-audit` };
  try {
    return new ShareVaultClient({ environment, actor, functions, lambda });
  } catch {
    // all other options are right
    throw new UsageError('--actor: expected lower-case letters, digits and hyphens, got something else');
  }
}

/** The words of a vault are another's: of them only the code is printed, one of a closed list. */
function failureOf(error: ShareVaultError): CommandFailure {
  const advice: Readonly<Record<string, string>> = {
    NotFound: ': the vault has never seen this wallet',
    InvalidRequest: ': is the vault of the same version, and are the wallet and the chain written as they were sealed',
    InvokeRefused: ': may this caller invoke the function audit as this actor, and is there a region',
    ResponseRejected: ': this is no response of a vault',
  };
  return new CommandFailure(`expected the access log, got ${error.code}${advice[error.code] ?? ''}`, { cause: error });
}

async function runOffline(context: Context, values: Values, file: string): Promise<0 | 1> {
  if (values.verify !== true) throw new UsageError('--file: expected --verify with it');
  const other = ['wallet', 'chain', 'actor', 'quiet'].find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--file: expected no --${other} with it`);
  const [after, head] = [startOf(values, true), headOf(values)];
  const source = file === '-' ? context.stdin : readInChunks(file);
  try {
    const { wallet, entries } = await readWallet(source);
    return report(context, wallet, await verifyRows(context, wallet, entries, after, head), head);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`--file: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  } finally {
    source.destroy();
  }
}

/** The wallet of the first line; all others must be of it. */
async function readWallet(source: Readable): Promise<{ wallet: Wallet; entries: AsyncIterable<AccessLogEntry> }> {
  const lines = readLines(source);
  const first = await lines.next();
  if (first.done === true) throw new CommandFailure('expected rows of an access log, got none');
  const { wallet, entry } = first.value;
  const entries = async function* (): AsyncGenerator<AccessLogEntry, void, undefined> {
    yield entry;
    for await (const { wallet: other, entry: next } of lines) {
      const isSame = other.walletId === wallet.walletId && other.chain === wallet.chain;
      if (!isSame) throw new CommandFailure(`row ${next.sequence}: expected the wallet of the first row, got another`);
      yield next;
    }
  };
  return { wallet, entries: entries() };
}

function verifyRows(
  { stderr }: Context,
  wallet: Wallet,
  entries: AsyncIterable<AccessLogEntry>,
  after: ChainPosition,
  until: ChainPosition | undefined,
): Promise<LogVerification> {
  const onProgress = ({ verified, of }: VerifyProgress): void => {
    stderr.write(of === undefined ? `verified ${verified} rows\n` : `verified ${verified} rows of ${of}\n`);
  };
  return verifyLog(wallet, entries, { after, until, onProgress });
}

function report(
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
