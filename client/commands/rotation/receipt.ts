import { digestOf } from '../../../lambda/contract/bucket-object';
import { receiptObject } from '../../../lambda/contract/receipt-object';
import type { ResealReceiptFact } from '../../../lambda/contract/reseal-runs';
import type { ShareVaultClient } from '../../client';
import { readShortBytes } from '../bounded';
import { CommandFailure, type Context, type Values, textOf } from '../command';
import { actorOf } from '../data/options';
import { withVault } from '../data/vault';
import { nameOf } from '../error-facts';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { ascii, printJson } from '../output';
import { printable } from '../printable';

/** More than the longest receipt. */
const MAX_BYTES = 65_537;

/** A receipt with what the command found out about it. */
interface Compared extends ResealReceiptFact {
  /** key of its object in the bucket */
  readonly object: string;
  /** whether the table's digest is that of the table's text */
  readonly isWhole: boolean;
  /** whether a file has the same bytes; undefined without one */
  readonly isSame: boolean | undefined;
}

/**
 * Prints the receipt of a run, or of the last one that has a receipt, and compares it with a file: the object of the bucket.
 * Ends with 1 if they differ, or if the table has another digest than its receipt.
 */
export async function runReceipt(context: Context, values: Values, run: string | undefined): Promise<ExitCode> {
  actorOf(context, values);
  const path = textOf(values, 'file');
  const file = path === undefined ? undefined : await bytesOf(path);
  return withVault(context, values, 'audit', async (vault) => {
    const compared = compare(await vault.resealReceipt(run ?? (await lastWithReceipt(vault))), file);
    print(context, values, compared);
    return compared.isWhole && compared.isSame !== false ? EXIT.done : EXIT.failed;
  });
}

async function lastWithReceipt(vault: ShareVaultClient): Promise<string> {
  const last = (await vault.reseals()).find(({ receiptAt }) => receiptAt !== undefined);
  if (last !== undefined) return last.run;
  throw new CommandFailure('expected a run with a receipt, got none: share-vault reseal start', {
    exit: EXIT.notFound,
  });
}

function compare(stored: ResealReceiptFact, file: Buffer | undefined): Compared {
  const { key, bytes } = receiptObject(stored);
  const [isWhole, isSame] = [digestOf(bytes) === stored.sha256, file && bytes.equals(file)];
  return { ...stored, object: key, isWhole, isSame };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    // a longer one is no receipt, and differs
    return (await readShortBytes(path, MAX_BYTES)) ?? Buffer.alloc(0);
  } catch (error) {
    throw new CommandFailure(`--file: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  }
}

function print({ stdout, stderr }: Context, values: Values, { isWhole, isSame, ...stored }: Compared): void {
  const file = isSame === undefined ? undefined : isSame ? 'the same bytes' : 'other bytes';
  if (values.json === true) printJson(stdout, { ...stored, ...(isSame !== undefined && { isSame }), isWhole });
  else {
    const { run, writtenAt, sha256, object, keptAt = 'not noted', receipt } = stored;
    const shown = [['run', run], ['written', writtenAt], ['sha256', sha256], ['object', object], ['in the bucket', keptAt], ['file', file]] as const; // prettier-ignore
    stdout.write(facts(shown.map(([name, text]) => [name, text && printable(text)] as const), stdout.columns)); // prettier-ignore
    stdout.write(`${ascii(receipt)}\n`);
  }
  if (!isWhole) stderr.write('expected the digest of the receipt in the table, got another\n');
  if (isSame === false) stderr.write('--file: expected the receipt of the table, got other bytes\n');
}
