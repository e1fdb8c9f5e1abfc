import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Implementation, Materials, Outcome } from './implementation';

const SCRIPT = join(__dirname, '../../../docs/examples/exchange.py');

/** Whether this machine has Python 3 with the package `cryptography`. */
export function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import cryptography']).status === 0;
}

/** Runs docs/examples/exchange.py without a file of calls. Returns its exit code and its standard error. */
export function pythonUsage(): { readonly code: number | null; readonly printed: string } {
  const { status, stderr } = spawnSync('python3', ['-B', SCRIPT], { encoding: 'utf8', input: '' });
  return { code: status, printed: stderr };
}

/** Runs docs/examples/exchange.py, which uses the package `cryptography`. */
export function pythonExchange(): Implementation {
  const process = spawn('python3', ['-B', SCRIPT, '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  const call = async (name: string, given: object): Promise<unknown> => {
    process.stdin.write(`${JSON.stringify({ call: name, with: given })}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`expected a line of the script, got its end ${exitOf(process)}`);
    return JSON.parse(value);
  };
  return {
    seal: (given) => call('seal', given) as Promise<object>,
    unseal: (given) => call('unseal', given) as Promise<object>,
    open: (given) => call('open', given) as Promise<Outcome<Materials>>,
    verifyLog: (given) => call('verify_log', given) as Promise<Outcome<null>>,
    delivery: (given) => call('delivery', given) as ReturnType<Implementation['delivery']>,
    close: () => void process.kill(),
  };
}

function exitOf({ exitCode }: ChildProcess): string {
  return exitCode === null ? '' : `with ${exitCode}`;
}
