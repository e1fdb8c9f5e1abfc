import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SubjectMessage } from './subject-process';
import type { Table } from './table';

/**
 * Runs a subject in a fresh process and returns its tables. Throws if the process ends without them: it has printed why.
 * Lines that the measured functions log are discarded.
 *
 * @param progress - is given the subject's progress @default - none is sent
 */
export async function runSubject(
  name: string,
  { quick, progress }: { readonly quick: boolean; readonly progress?: ((text: string) => void) | undefined },
): Promise<readonly Table[]> {
  const flags = [...(quick ? ['quick'] : []), ...(progress === undefined ? [] : ['progress'])];
  const child = fork(join(__dirname, 'subject-process.ts'), [name, ...flags], {
    execArgv: ['--import', 'tsx'],
    // keeps NaN, the value of a cell that stays empty
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let tables: readonly Table[] | undefined;
  child.on('message', (message) => {
    const sent = message as SubjectMessage;
    if ('tables' in sent) ({ tables } = sent);
    else progress?.(sent.progress);
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0 && tables !== undefined) return tables;
  throw new Error(`${name}: expected tables of its process, got exit ${String(code)}`);
}
