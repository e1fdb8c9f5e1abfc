import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { escaped, shown } from '../emulator/authorization/terminal';
import { type TrailEntry, readEntry, trailFile } from '../emulator/deploy/trail';
import { UsageError, fromHere, parsed } from './options';
import { waitAtMost } from '../emulator/wait';
import { stopSignal } from './stop';

const OPTIONS = { data: { type: 'string' }, follow: { type: 'boolean' }, json: { type: 'boolean' } } as const;

/** How long nothing is read where nothing was there. */
const PAUSE_MS = 200;
/** Of one read; a line may be longer. */
const CHUNK = 65_536;
const MAX_LINE = 1_048_576;

/** `trail`: what was asked of KMS, and what was refused, in a data folder. */
export async function trail(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS }),
  );
  if (positionals.length > 0) throw new UsageError('expected options alone after trail');
  if (values.data === undefined) throw new UsageError('expected --data DIR, got none');
  const dataDir = fromHere(values.data);
  const file = trailFile(dataDir);
  if (!existsSync(file)) throw new Error(`expected a data folder with a trail, got none in ${dataDir}`);
  const show = values.json === true ? (_: TrailEntry, line: string) => escaped(line) : trailLine;
  const stop = stopSignal();
  await readLines(file, values.follow === true ? stop : undefined, (line) => {
    for (const entry of readEntry(line)) process.stdout.write(`${show(entry, line)}\n`);
  });
  return 0;
}

/** One call on one line: when, what came of it, who, what, on what, under which context; a refusal's reason below it. */
function trailLine({ at, result, principal, action, resource, encryptionContext = {}, message }: TrailEntry): string {
  const pairs = Object.entries(encryptionContext).map(([name, value]) => `${shown(name)}=${shown(value)}`);
  const said = [at, result.padEnd('AccessDeniedException'.length), named(principal), action, named(resource)];
  const line = [...said.map(escaped), `{${pairs.join(', ')}}`].join(' ');
  return message === undefined ? line : `${line}\n    ${escaped(message)}`;
}

/** What an ARN names, without where. */
function named(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(5).join(':') : arn;
}

/** Every whole line of a file, and then, until told to stop, those that are still appended. */
async function readLines(
  file: string,
  stopped: Promise<void> | undefined,
  tell: (line: string) => void,
): Promise<void> {
  let done = stopped === undefined;
  void stopped?.then(() => (done = true));
  const handle = openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK);
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const read = readSync(handle, chunk);
      if (read === 0) {
        if (done || stopped === undefined) return;
        await waitAtMost(PAUSE_MS, stopped);
      }
      // bytes, not text, until a line is whole: a character may lie across two reads
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        tell(rest.toString('utf8', 0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length > MAX_LINE) throw new Error(`expected lines of at most ${MAX_LINE} bytes in ${file}, got more`);
    }
  } finally {
    closeSync(handle);
  }
}
