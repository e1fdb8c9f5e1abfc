import { SUBJECTS } from '../subjects';
import type { Table } from './table';

/** A message of a subject's process to its parent. */
export type SubjectMessage = { readonly progress: string } | { readonly tables: readonly Table[] };

const PROGRESS_EVERY_MS = 250;

/**
 * Runs the subject of the first argument and sends its tables. Further arguments: `quick`, and `progress` if the parent
 * shows it. A process of its own, so that no subject inherits another one's variables, compiled code and heap.
 */
async function main([name = '', ...flags]: readonly string[]): Promise<void> {
  const bench = await SUBJECTS[name]?.load();
  if (bench?.name !== name) throw new Error(`expected a benchmark with the name ${name}, got ${String(bench?.name)}`);
  const tables = await bench.run({ quick: flags.includes('quick'), progress: progressOf(flags.includes('progress')) });
  await send({ tables });
}

/** Seldom, since each message takes processor time of the measurement. */
function progressOf(shown: boolean): (text: string) => void {
  let sentAt = 0;
  return (text) => {
    if (!shown || performance.now() - sentAt < PROGRESS_EVERY_MS) return;
    sentAt = performance.now();
    void send({ progress: text });
  };
}

function send(message: SubjectMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

process.once('disconnect', () => process.exit());
main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
