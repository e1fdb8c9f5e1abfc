import type { ResealFailureFact, ResealRunFact } from '../../../lambda/contract/reseal-runs';
import { VERIFY_MAX } from '../../../lambda/contract/reseals';
import type { ShareVaultClient } from '../../client';
import { CommandFailure, type Context, UsageError, type Values } from '../command';
import { numberOf } from '../data/options';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { printJson } from '../output';
import { printable } from '../printable';
import { ResealMachine } from './machine';
import { noteOn, untilEnded } from './watch-run';

/** How the sample of a run ended. */
interface Verified extends NonNullable<ResealRunFact['sample']> {
  readonly run: string;
  readonly failures: readonly ResealFailureFact[];
}

/** Returns how many records to open; `undefined` without the option. */
export function verifyOf(values: Values): number | undefined {
  const records = numberOf(values, 'verify');
  if (records === undefined || (records >= 1 && records <= VERIFY_MAX)) return records;
  throw new UsageError(`--verify: expected 1 to ${VERIFY_MAX}, got another number`);
}

/**
 * Lets the function that reseals open records at random, and compares KMS's key material with that of their rows: by a run
 * that reseals nothing, so that no other role opens. Ends with 1 if a record is not as its row says, if no listed key opens one,
 * or if fewer were opened than the vault has, up to the number that was asked for.
 */
export async function runVerify(context: Context, values: Values, records: number): Promise<ExitCode> {
  using machine = new ResealMachine(context);
  return await withVault(context, values, 'audit', async (vault) => {
    const before = await recordsOf(vault);
    const started = await machine.start(`verify-${records}`);
    const note = noteOn(context, 'keys');
    note(`started ${started.name}`);
    // a failed run has a result too: one that lists records
    for await (const _ of untilEnded(machine, started, note));
    const { unlisted, ...verified } = await resultOf(vault, started.name);
    print(context, values, verified);
    const { opened, mismatched, failed, failures } = verified;
    const reached = opened + mismatched + failed;
    // what is sealed or destroyed meanwhile is not required
    const required = Math.min(records, before - unlisted, (await recordsOf(vault)) - unlisted);
    if (reached < required) {
      note(`expected to open ${required} records, got ${reached}: the others are frozen, or were in use. Verify again`);
    }
    // an interrupted call may have listed a record that the receipt's sample has not
    const isClean = mismatched + failed + unlisted + failures.length === 0;
    return isClean && reached >= required ? EXIT.done : EXIT.failed;
  });
}

/** Returns how many records the vault has, superseded ones included. */
async function recordsOf(vault: ShareVaultClient): Promise<number> {
  return (await vault.census()).groups.reduce((sum, { records }) => sum + records, 0);
}

/** Returns the result with the number of records that no listed key opens: all that such a run counts as not resealed. */
async function resultOf(vault: ShareVaultClient, run: string): Promise<Verified & { readonly unlisted: number }> {
  const { sample, failed: unlisted = 0 } = (await vault.reseals()).find((each) => each.run === run) ?? {};
  if (sample === undefined) {
    throw new CommandFailure(`expected a receipt of ${printable(run)}, got none: share-vault reseal status`);
  }
  const failures: ResealFailureFact[] = [];
  for await (const failure of vault.resealFailures(run)) failures.push(failure);
  return { run, ...sample, failures, unlisted };
}

function print({ stdout }: Context, values: Values, verified: Verified): void {
  if (values.json === true) {
    printJson(stdout, verified);
    return;
  }
  const { run, opened, mismatched, failed, uncompared = 0, failures } = verified;
  const counts = [['run', printable(run)], ['verified', opened], ['material unknown', uncompared || undefined], ['mismatched', mismatched], ['failed', failed]] as const; // prettier-ignore
  stdout.write(facts(counts, stdout.columns));
  for (const { kind, chain, recordId, code, walletId } of failures) {
    stdout.write(`${printable([code, kind, chain, recordId, walletId].join('  '))}\n`);
  }
}
