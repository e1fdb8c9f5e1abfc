import { LIMITS } from '../../../lambda/contract/limits';
import type { ReplayResponse } from '../../../lambda/contract/tombstones';
import { readInChunks } from '../bounded';
import { CommandFailure, type Context, UsageError, type Values, required } from '../command';
import { confirmed } from '../confirm';
import { actorOf, timeOf } from '../data/options';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { nameOf } from '../error-facts';
import { facts } from '../layout';
import { ascii, printJson, printLines } from '../output';
import { type TombstoneList, readTombstones } from './tombstone-lines';

export async function exportTombstones(context: Context, values: Values): Promise<ExitCode> {
  refuse(values, ['file', 'reason', 'until', 'yes'], 'replay');
  const since = timeOf(values, 'since');
  await withVault(context, values, 'audit', async (vault) => {
    const pages = vault.tombstones({ ...(since !== undefined && { since }) });
    const lines = async function* () {
      yield JSON.stringify({ environment: context.environment, ...(since !== undefined && { since }) });
      let [count, until] = [0, ''];
      for await (const { tombstones, listedAt } of pages) {
        // what changes while the pages are read may be missing
        until ||= listedAt;
        count += tombstones.length;
        for (const tombstone of tombstones) yield ascii(JSON.stringify(tombstone));
      }
      yield JSON.stringify({ tombstones: count, until });
    };
    await printLines(context.stdout, lines());
  });
  return EXIT.done;
}

export async function replayTombstones(context: Context, values: Values): Promise<ExitCode> {
  refuse(values, ['since'], 'export');
  const reason = required(values, 'reason');
  const stated = timeOf(values, 'until');
  actorOf(context, values);
  const list = await listOf(context, values);
  if (stated !== undefined && stated < list.until) {
    throw new UsageError(`--until: expected a time after the list's end, ${list.until}, got an earlier one`);
  }
  const { environment, stdout } = context;
  const count = list.tombstones.length;
  await confirmed(
    context,
    values,
    `This destroys the records of ${environment} that ${count} tombstones until ${list.until} are newer than.`,
  );
  const total = await withVault(context, values, 'revoke', async (vault) => {
    const sum = { applied: 0, known: 0, destroyed: 0 };
    for (let start = 0; start < count; start += LIMITS.batchRecords) {
      const tombstones = list.tombstones.slice(start, start + LIMITS.batchRecords);
      add(sum, await vault.replayTombstones({ environment, tombstones, reason }));
      context.stderr.write(`replayed ${Math.min(count, start + LIMITS.batchRecords)} of ${count}\n`);
    }
    const { since, until } = list;
    const finished = await vault.finishReplay({ environment, ...(since !== undefined && { since }), until });
    const all =
      stated === undefined ? finished : await vault.finishReplay({ environment, since: until, until: stated });
    return { ...sum, ...all };
  });
  const until = stated ?? list.until;
  if (values.json === true) printJson(stdout, { ...total, until });
  else {
    const { applied, known, destroyed, freezes } = total;
    const shown = [['applied', applied], ['known', known], ['records destroyed', destroyed], ['complete until', until], ['freezes that can be thawed', freezes]] as const; // prettier-ignore
    stdout.write(facts(shown, stdout.columns));
  }
  const { missing } = total;
  if (missing === undefined) return EXIT.done;
  context.stderr.write(`missing: tombstones since ${missing.since} until ${missing.until}\n`);
  return EXIT.failed;
}

function add(sum: { applied: number; known: number; destroyed: number }, more: ReplayResponse): void {
  sum.applied += more.applied;
  sum.known += more.known;
  sum.destroyed += more.destroyed;
}

async function listOf(context: Context, values: Values): Promise<TombstoneList> {
  const file = required(values, 'file');
  const source = file === '-' ? context.stdin : readInChunks(file);
  try {
    const list = await readTombstones(source);
    if (list.environment === context.environment) return list;
    throw new CommandFailure('expected tombstones of this environment, got those of another', { exit: EXIT.conflict });
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`--file: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  } finally {
    source.destroy();
  }
}

/** Refuses options of the other action: they would have no effect. */
function refuse(values: Values, names: readonly string[], action: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given}: expected tombstones ${action} with it`);
}
