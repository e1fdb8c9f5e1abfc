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
  /** standard output and error together */
  readonly output: () => string;
  /** what the program itself prints: Node's own warnings of its environment go to standard error */
  readonly printed: () => string;
  /** resolves once the output has this text */
  readonly shows: (text: string) => Promise<void>;
  readonly ended: Promise<number | null>;
}

export interface RunOptions {
  /** modules that are loaded before the program */
  readonly imports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @default - as it ships */
  readonly from?: 'sources';
}

/**
 * Runs the command `share-vault-local` as it ships, or from its sources as `npm start` does. Its output is searched
 * for materials at the end of the run.
 */
export function run(args: readonly string[], { imports = [], env = {}, from }: RunOptions = {}): Run {
  const [loaders, file] =
    from === 'sources' ? [['tsx'], join('local', 'cli.ts')] : [[], commandFile('share-vault-local')];
  const loaded = [...loaders, ...imports].flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...loaded, file, ...args], {
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
  const shows = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      if (!running.has(child)) throw new Error(`expected "${text}", got: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, output: () => output, printed: () => printed, shows, ended };
}

/** After each test: kills the processes that a failed one left, and spares those that further tests use. */
export function killAll(spared: readonly (Run | undefined)[] = []): void {
  const others = [...running].filter((child) => spared.every((run) => run?.child !== child));
  for (const child of others) child.kill('SIGKILL');
}

/** Processes, besides the program itself, that name this folder or are its children. */
export function leftOf(folder: string, pid: number | undefined): readonly string[] {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args=']).toString().split('\n');
  return processes.filter((line) => line.includes(folder) || line.trim().split(/\s+/)[1] === String(pid));
}

/** A folder that PostgreSQL's own user can pass through. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'cli-'));
  chmodSync(made, 0o711);
  return made;
}
