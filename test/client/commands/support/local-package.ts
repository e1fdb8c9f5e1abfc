import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';

const PACKAGE = '@cdk-share-vault/local';

/** A stand-in for the package's command. Each of its commands shows one thing that `share-vault` passes to it. */
const COMMAND = `
const [command, ...args] = process.argv.slice(2);
if (command === 'explain') {
  const { execPath, env: { SHARE_VAULT_PROGRAM } } = process;
  process.stdout.write(JSON.stringify({ args, execPath, SHARE_VAULT_PROGRAM }));
  process.exitCode = 7;
}
if (command === 'trail') {
  process.stdin.pipe(process.stdout);
  process.stderr.write('said');
}
if (command === 'start') process.kill(process.pid, 'SIGKILL');
if (command === 'serve') {
  const keep = setInterval(() => undefined, 1_000);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      clearInterval(keep);
      process.stdout.write(signal + '\\n');
      setTimeout(() => process.stdout.write('stopped\\n'), 100);
      process.exitCode = 3;
    });
  }
  process.stdout.write(process.pid + '\\n');
}
`;

/** A change of a process before it loads the command. */
const PRELOADED = {
  /** its input is a terminal's */
  terminal: `Object.defineProperty(process.stdin, 'isTTY', { value: true });`,
  /** Node is gone by the time that it is started again */
  withoutNode: `process.execPath = '/nowhere/node';`,
} as const;

export interface Fake {
  /** @default '@cdk-share-vault/local' */
  readonly name?: string;
  /** @default - its command, if it has one */
  readonly bin?: unknown;
  /** @default - the code of `COMMAND`; null: there is no such file */
  readonly code?: string | null;
}

/** Installs the package, or one that looks like it, into a folder's packages; returns its path. */
export function installFake(project: string, fake: Fake = {}): string {
  const { name = PACKAGE, bin = { 'share-vault-local': 'dist/cli.cjs' }, code = COMMAND } = fake;
  const folder = join(project, 'node_modules', PACKAGE);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', bin }));
  if (code !== null) writeFileSync(join(folder, 'dist', 'cli.cjs'), code);
  return folder;
}

/** Bundles the command with its dependencies. Returns the file. */
export async function bundleCommand(): Promise<string> {
  const outfile = join(emptyFolder(), 'cli.cjs');
  const entryPoints = [join(__dirname, '../../../../client/cli.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs' });
  return outfile;
}

export function emptyFolder(): string {
  // as a process that stands in it names it
  return realpathSync(mkdtempSync(join(tmpdir(), 'handed-on-')));
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** resolves when it prints something */
  readonly firstPrinted: Promise<string>;
  /** after the last write to its output */
  readonly ended: Promise<Ended>;
}

export interface Call {
  /** the user's folder */
  readonly cwd: string;
  readonly input?: string;
  readonly preloaded?: keyof typeof PRELOADED;
}

/** The packaged command `share-vault`, installed in a project outside of this repository, and its processes. */
export class Installed {
  readonly project = emptyFolder();
  readonly #command = join(this.project, 'node_modules', '@cdk-share-vault', 'client', 'dist', 'cli.cjs');
  readonly #running = new Set<ChildProcess>();

  /** @param bundle the file of `bundleCommand` */
  constructor(bundle: string) {
    mkdirSync(dirname(this.#command), { recursive: true });
    copyFileSync(bundle, this.#command);
  }

  /** Runs the command as a terminal does, in its own process group. */
  start(args: readonly string[], { cwd, input, preloaded }: Call): Started {
    const loaded = preloaded === undefined ? [] : ['--require', this.#preload(PRELOADED[preloaded])];
    const child = spawn(process.execPath, [...loaded, this.#command, ...args], { cwd, detached: true });
    this.#running.add(child);
    child.stdin.end(input);
    const firstPrinted = once(child.stdout, 'data').then(([data]) => String(data));
    const read = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const ended = read.then(([stdout, stderr]) => {
      this.#running.delete(child);
      return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
    });
    return { child, firstPrinted, ended };
  }

  /** Runs the command until it ends. */
  run(args: readonly string[], call: Call): Started['ended'] {
    return this.start(args, call).ended;
  }

  /** Kills the processes that a failed test left running. */
  killAll(): void {
    for (const { pid } of this.#running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }

  #preload(code: string): string {
    const file = join(emptyFolder(), 'preloaded.cjs');
    writeFileSync(file, code);
    return file;
  }
}
