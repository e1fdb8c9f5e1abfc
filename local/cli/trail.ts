import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { UsageError, type Values, textOf } from '../../client/commands/command';
import { escaped, shown } from '../emulator/authorization/terminal';
import { type TrailEntry, readEntry, trailFile } from '../emulator/deploy/trail';
import { waitAtMost } from '../emulator/wait';
import { resolvePath } from './options';
import { stopSignal } from './stop';

/** Pause between two reads at the end of the file. */
const POLL_INTERVAL_MS = 200;
/** Size of one read. A line may be longer. */
const CHUNK_BYTES = 65_536;
const MAX_LINE_BYTES = 1_048_576;

/** Runs `trail`: prints the KMS calls and the refused calls in a data folder's trail. */
export async function trail(values: Values): Promise<number> {
  const data = textOf(values, 'data');
  if (data === undefined) throw new UsageError('expected --data DIR, got none');
  const dataDir = resolvePath(data);
  const file = trailFile(dataDir);
  if (!existsSync(file)) throw new Error(`expected a data folder with a trail, got none in ${dataDir}`);
  const show = values.json === true ? (_: TrailEntry, line: string) => escaped(line) : trailLine;
  const stop = stopSignal();
  await readLines(file, values.follow === true ? stop.requested : undefined, (line) => {
    for (const entry of readEntry(line)) process.stdout.write(`${show(entry, line)}\n`);
  });
  return 0;
}

/** Returns a call as a line: time, result, principal, action, resource, context. A refusal's reason is a second line. */
function trailLine({ at, result, principal, action, resource, encryptionContext = {}, message }: TrailEntry): string {
  const pairs = Object.entries(encryptionContext).map(([name, value]) => `${shown(name)}=${shown(value)}`);
  const fields = [at, result.padEnd('AccessDeniedException'.length), nameOf(principal), action, nameOf(resource)];
  const line = [...fields.map(escaped), `{${pairs.join(', ')}}`].join(' ');
  return message === undefined ? line : `${line}\n    ${escaped(message)}`;
}

/** Returns an ARN's resource part, without partition, service, region and account. */
function nameOf(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(5).join(':') : arn;
}

/** Reads every complete line of a file, then follows appended lines until `stopped` resolves. */
async function readLines(
  file: string,
  stopped: Promise<void> | undefined,
  onLine: (line: string) => void,
): Promise<void> {
  let done = stopped === undefined;
  void stopped?.then(() => (done = true));
  const handle = openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const read = readSync(handle, chunk);
      if (read === 0) {
        if (done || stopped === undefined) return;
        await waitAtMost(POLL_INTERVAL_MS, stopped);
      }
      // decodes only complete lines: a character may span two reads
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        onLine(rest.toString('utf8', 0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length > MAX_LINE_BYTES) {
        throw new Error(`expected lines of at most ${MAX_LINE_BYTES} bytes in ${file}, got more`);
      }
    }
  } finally {
    closeSync(handle);
  }
}
