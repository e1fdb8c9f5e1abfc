import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandFile } from '../../support/commands';
import { logFolder } from '../../support/run';

const ROOT = join(__dirname, '..', '..', '..');
const running = new Set<ChildProcess>();

export interface Run {
  readonly child: ChildProcess;
  /** standard output and standard error together */
  readonly output: () => string;
  /** only standard output: Node prints its own warnings to standard error */
  readonly printed: () => string;
  /** resolves once a complete line of the output has this text: the rest of a longer line can come later */
  readonly shows: (text: string | RegExp) => Promise<void>;
  readonly ended: Promise<number | null>;
}

export interface RunOptions {
  /** modules to load before the program */
  readonly imports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @default - the bundled command */
  readonly from?: 'sources';
}

/**
 * Runs the bundled command `share-vault-local`, or its sources as `npm start` does. After `--`, as in the installed
 * command, Node leaves `--env-file` to the program. The end of the test run searches its output for materials.
 */
export function run(args: readonly string[], { imports = [], env = {}, from }: RunOptions = {}): Run {
  const [loaders, file] =
    from === 'sources' ? [['tsx'], join('local', 'cli.ts')] : [[], commandFile('share-vault-local')];
  const loaded = [...loaders, ...imports].flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...loaded, '--', file, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  running.add(child);
  const kept = join(logFolder(), 'output.log');
  let [output, printed] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      appendFileSync(kept, data);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  const isShown = (text: string | RegExp): boolean => {
    const lines = output.slice(0, output.lastIndexOf('\n') + 1);
    return typeof text === 'string' ? lines.includes(text) : text.test(lines);
  };
  const shows = async (text: string | RegExp): Promise<void> => {
    while (!isShown(text)) {
      if (!running.has(child)) throw new Error(`expected "${String(text)}", got: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, output: () => output, printed: () => printed, shows, ended };
}

/** Kills the processes that a failed test left running, except the spared ones. */
export function killAll(spared: readonly (Run | undefined)[] = []): void {
  const others = [...running].filter((child) => spared.every((run) => run?.child !== child));
  for (const child of others) child.kill('SIGKILL');
}

/** Returns the processes that name this folder or are children of the program. */
export function leftOf(folder: string, pid: number | undefined): readonly string[] {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args=']).toString().split('\n');
  return processes.filter((line) => line.includes(folder) || line.trim().split(/\s+/)[1] === String(pid));
}

/** Creates a folder that PostgreSQL's own user can traverse. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'cli-'));
  chmodSync(made, 0o711);
  return made;
}
