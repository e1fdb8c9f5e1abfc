import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { name } from '../../package.json';
import { buildDevTemplate } from '../../tools/build/dev-template';
import { commandFile, commandTemplates } from '../support/commands';
import { logFolder } from '../support/run';

const ROOT = join(__dirname, '..', '..');
const [SCOPE = ''] = name.split('/');
const COMMANDS = { 'share-vault': 'client', 'share-vault-local': 'local' } as const;
/** What a clone does not have. */
const NOT_CLONED = new Set(['node_modules', 'dist', 'coverage', 'cdk.out', '.git', '.local-vault']);

/**
 * Makes a copy of the checkout, by links, as it is after `npm ci` and `npm run build`: its packages are built, and npm has
 * linked their commands.
 */
export function makeProject(): string {
  const project = mkdtempSync(join(tmpdir(), 'project-'));
  // PostgreSQL's own user passes through it
  chmodSync(project, 0o711);
  link(ROOT, project, (name) => !NOT_CLONED.has(name));
  const modules = join(ROOT, 'node_modules');
  link(modules, join(project, 'node_modules'), (name) => name !== SCOPE && name !== '.bin');
  const bin = join(project, 'node_modules', '.bin');
  link(join(modules, '.bin'), bin, (name) => !Object.hasOwn(COMMANDS, name));
  for (const [command, folder] of Object.entries(COMMANDS)) {
    const installed = join(project, 'node_modules', SCOPE, folder);
    const built = dirname(commandFile(command as keyof typeof COMMANDS));
    mkdirSync(installed, { recursive: true });
    cpSync(join(ROOT, folder, 'package.json'), join(installed, 'package.json'));
    cpSync(join(ROOT, folder, 'bin'), join(installed, 'bin'), { recursive: true });
    symlinkSync(built, join(installed, 'dist'));
    symlinkSync(join(installed, 'bin', `${command}.cjs`), join(bin, command));
  }
  if (!existsSync(commandTemplates())) buildDevTemplate(commandTemplates());
  return project;
}

function link(from: string, to: string, isLinked: (name: string) => boolean): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter(isLinked)) symlinkSync(join(from, name), join(to, name));
}

export interface Ran {
  readonly code: number | null;
  /** standard output and standard error together */
  readonly output: string;
}

/** Runs blocks of commands one after the other, as in one terminal: later ones have the variables of earlier ones. */
export class Terminal {
  readonly #log = join(logFolder(), 'terminal.log');
  readonly #running = new Set<ChildProcess>();

  constructor(
    readonly folder: string,
    private readonly variables: Readonly<Record<string, string | undefined>> = {},
  ) {}

  async run(block: string, input = ''): Promise<Ran> {
    const { child, output } = this.#spawn(`${block}\nexport -p > .variables`);
    // a block may end before it has read its input
    child.stdin.on('error', () => undefined).end(input);
    await once(child, 'close');
    return { code: child.exitCode, output: output() };
  }

  /**
   * Runs a block that does not end, as in a terminal of its own. Resolves when it has printed this text. A line `export …`
   * before the text is pasted into this terminal.
   */
  async start(block: string, text: string): Promise<void> {
    const { child, output } = this.#spawn(block);
    while (!output().includes(text)) {
      if (child.exitCode !== null) throw new Error(`expected ${text}, got: ${output()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [pasted] = /^ *export .*$/m.exec(output()) ?? [];
    if (pasted !== undefined) await this.run(pasted);
  }

  /** Stops what `start` started, as Ctrl-C does. */
  async stop(): Promise<void> {
    const ended = [...this.#running].map(async (child) => {
      const closed = once(child, 'close');
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      await closed;
    });
    await Promise.all(ended);
  }

  #spawn(block: string) {
    // the folder has what these commands of npm make
    const npm = 'npm() { case "$*" in ci | "run build" | "install CLONE/"*) ;; *) command npm "$@" ;; esac; }';
    const script = `set -eo pipefail; ${npm}; if [ -f .variables ]; then . ./.variables; fi\n${block}`;
    const PATH = `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
    const env = { ...process.env, PATH, ...this.variables };
    const child = spawn('bash', ['-c', script], { cwd: this.folder, env, detached: true });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString();
        appendFileSync(this.#log, data);
      });
    }
    return { child, output: () => output };
  }
}
