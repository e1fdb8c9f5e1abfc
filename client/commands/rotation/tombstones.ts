import { LIMITS } from '../../../lambda/contract/limits';
import type { FinishReplayResponse, ReplayBucketResponse, ReplayResponse } from '../../../lambda/contract/tombstones';
import type { ShareVaultClient } from '../../client';
import { type Context, UsageError, type Values, required, textOf } from '../command';
import { confirmed } from '../confirm';
import { actorOf, timeOf } from '../data/options';
import { PrivateFile } from '../data/private-file';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { ascii, printJson, printLines } from '../output';
import { printable } from '../printable';
import { readTombstoneList } from './tombstone-list';

/** Each write waits for the disk. */
const LINES_AT_ONCE = 1_000;
const EARLIEST = '1970-01-01T00:00:00.000Z';
const UNSTATED =
  'the bucket does not say whether it has all of them, since some may never have come there: --until states that none is missing\n';

export async function exportTombstones(context: Context, values: Values): Promise<ExitCode> {
  refuse(values, ['despite-refused', 'file', 'reason', 'until', 'yes'], 'replay');
  const since = timeOf(values, 'since');
  const path = textOf(values, 'out');
  const [file] = PrivateFile.createAll(path === undefined ? [] : [['out', path]], false);
  const write = (lines: AsyncIterable<string>) =>
    file === undefined ? printLines(context.stdout, lines) : writeLines(file, lines);
  const exported = withVault(context, values, 'audit', async (vault) => {
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
    await write(lines());
  });
  await exported.catch((error: unknown) => {
    file?.discard();
    throw error;
  });
  return EXIT.done;
}

/** Writes lines to a file, which appears with the last one. */
async function writeLines(file: PrivateFile, lines: AsyncIterable<string>): Promise<void> {
  let waiting: string[] = [];
  const flush = () => {
    file.write(Buffer.from(waiting.join('')));
    waiting = [];
  };
  for await (const line of lines) {
    if (waiting.push(`${line}\n`) >= LINES_AT_ONCE) flush();
  }
  flush();
  file.appear();
}

/** Replays a list, or without one the tombstones of the vault's bucket. */
export async function replayTombstones(context: Context, values: Values): Promise<ExitCode> {
  refuse(values, ['out'], 'export');
  if (values.file !== undefined) refuse(values, ['despite-refused'], 'replay without --file');
  const plan = values.file === undefined ? ofBucket(context, values) : await ofList(context, values);
  const stated = timeOf(values, 'until');
  if (stated !== undefined && plan.end === undefined && stated < (plan.since ?? '')) {
    throw new UsageError('--until: expected a time after --since, got an earlier one');
  }
  if (stated !== undefined && plan.end !== undefined && stated < plan.end) {
    throw new UsageError(`--until: expected a time after the list's end, ${plan.end}, got an earlier one`);
  }
  await confirmed(
    context,
    values,
    `This destroys the records of ${context.environment} that ${plan.what} are newer than.`,
  );
  return withVault(context, values, 'revoke', async (vault) => {
    const { environment } = context;
    const { refused = [], ...sum } = await plan.replay(vault);
    if (refused.length > 0) {
      context.stderr.write(refused.map(refusalLine).join(''));
      if (values['despite-refused'] !== true) return reportIncomplete(context, values, { ...sum, refused });
    }
    const since = plan.since === undefined ? {} : { since: plan.since };
    // without an end nothing is stated, and the response has what is missing
    const end = plan.end ?? stated ?? plan.since ?? EARLIEST;
    const finished = await vault.finishReplay({ environment, ...since, until: end });
    const isStated = stated !== undefined && stated > end;
    const all = isStated ? await vault.finishReplay({ environment, since: end, until: stated }) : finished;
    const until = stated ?? plan.end;
    return report(context, values, { ...sum, ...(refused.length > 0 && { refused }), ...(until !== undefined && { until }), ...all }); // prettier-ignore
  });
}

/** Where tombstones come from, and how they are replayed. */
interface Plan {
  readonly what: string;
  readonly since: string | undefined;
  /** when the list ends @default - unknown: a bucket doesn't know what never came there */
  readonly end?: string;
  readonly replay: (vault: ShareVaultClient) => Promise<ReplayResponse & Refusals>;
}

/** Objects of a bucket that are no tombstones of the vault. */
type Refusals = Pick<ReplayBucketResponse, 'refused'>;
type Refusal = NonNullable<Refusals['refused']>[number];

async function ofList(context: Context, values: Values): Promise<Plan> {
  refuse(values, ['since'], 'export, or replay without --file,');
  const reason = required(values, 'reason');
  actorOf(context, values);
  // the list is read to its end: nothing could be typed after it
  if (values.file === '-' && values.yes !== true) throw new UsageError('--file -: expected --yes with it, got none');
  const { tombstones: all, since, until } = await readTombstoneList(context, 'file', required(values, 'file'));
  const replay = async (vault: ShareVaultClient) => {
    const sum = { applied: 0, known: 0, destroyed: 0 };
    for (let start = 0; start < all.length; start += LIMITS.batchRecords) {
      const tombstones = all.slice(start, start + LIMITS.batchRecords);
      add(sum, await vault.replayTombstones({ environment: context.environment, tombstones, reason }));
      context.stderr.write(`replayed ${Math.min(all.length, start + LIMITS.batchRecords)} of ${all.length}\n`);
    }
    return sum;
  };
  return { what: `${all.length} tombstones until ${until}`, since, end: until, replay };
}

function ofBucket(context: Context, values: Values): Plan {
  const { environment } = context;
  const [reason, since] = [required(values, 'reason'), timeOf(values, 'since')];
  actorOf(context, values);
  const replay = async (vault: ShareVaultClient) => {
    const sum = { applied: 0, known: 0, destroyed: 0 };
    const refused: Refusal[] = [];
    for await (const page of vault.replayBucket({ environment, reason, ...(since !== undefined && { since }) })) {
      add(sum, page);
      refused.push(...(page.refused ?? []));
      context.stderr.write(`replayed ${sum.applied + sum.known}\n`);
    }
    return { ...sum, refused };
  };
  return { what: `the tombstones of its bucket${since === undefined ? '' : ` since ${since}`}`, since, replay };
}

type Total = ReplayResponse & Refusals & FinishReplayResponse & { readonly until?: string };

const refusalLine = ({ key, problem }: Refusal): string => `refused: ${printable(key)}: ${printable(problem)}\n`;

/** A tombstone may be among what was refused: the freeze goes on until somebody knows. */
function reportIncomplete({ stdout, stderr }: Context, values: Values, sum: ReplayResponse & Refusals): ExitCode {
  const { applied, known, destroyed, refused = [] } = sum;
  if (values.json === true) printJson(stdout, sum);
  else stdout.write(facts([['applied', applied], ['known', known], ['records destroyed', destroyed], ['refused', refused.length]], stdout.columns)); // prettier-ignore
  stderr.write(
    'expected tombstones of this vault only: nothing is released before you know what the others are. --despite-refused states that no tombstone is missing\n',
  );
  return EXIT.failed;
}

function report({ stdout, stderr }: Context, values: Values, total: Total): ExitCode {
  const { applied, known, destroyed, freezes, missing, until } = total;
  if (values.json === true) printJson(stdout, total);
  else {
    const shown = [['applied', applied], ['known', known], ['records destroyed', destroyed], ...(until === undefined ? [] : [['complete until', until] as const]), ['freezes that can be thawed', freezes]] as const; // prettier-ignore
    stdout.write(facts(shown, stdout.columns));
  }
  if (missing === undefined) return EXIT.done;
  stderr.write(`missing: tombstones since ${missing.since} until ${missing.until}\n`);
  if (until === undefined) stderr.write(UNSTATED);
  return EXIT.failed;
}

function add(sum: { applied: number; known: number; destroyed: number }, more: ReplayResponse): void {
  sum.applied += more.applied;
  sum.known += more.known;
  sum.destroyed += more.destroyed;
}

/** Refuses options of the other action: they would have no effect. */
function refuse(values: Values, names: readonly string[], action: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given}: expected tombstones ${action} with it`);
}
