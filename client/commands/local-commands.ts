import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { type Command, type Streams, UsageError } from './command';
import { membersOf, parseObject } from './json';

/** Has the vault on one machine. No dependency of this package: who calls a vault installs no PostgreSQL. */
const PACKAGE = 'share-vault-local';

/** Its commands: these are handed on to it, and nothing else is. */
export const LOCAL_COMMANDS: readonly Pick<Command, 'name' | 'summary'>[] = [
  { name: 'start', summary: 'run the main job once, and what is refused' },
  { name: 'serve', summary: 'keep a vault running until Ctrl-C, with --template FILE the one of a template' },
  { name: 'explain', summary: "what a template's policies decide on ROLE ACTION RESOURCE" },
  { name: 'trail', summary: 'what was asked of KMS, and what was refused' },
];

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command as `share-vault-local` would, and ends as it does: with its exit code, or by the signal that ended it.
 * Throws `UsageError` where the package can't be run: 1, not done, would be a response of `explain`.
 */
export async function runLocalCommand(
  args: readonly string[],
  { stdin }: Streams,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const program = findProgram();
  const pass = (signal: NodeJS.Signals): void => {
    // a terminal sends Ctrl-C to both, and a second one may find the child past its own clean end
    if (signal !== 'SIGINT' || stdin.isTTY !== true) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  const child = spawn(process.execPath, [program, ...args], {
    stdio: 'inherit',
    // what its examples begin with: see local/cli/program.ts
    env: { ...env, SHARE_VAULT_PROGRAM: 'share-vault' },
  });
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new UsageError(`expected ${process.execPath} to start, got an error`)));
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : endBy(signal)));
  });
}

/** The file of its command: seen from where the user stands, else from here. Nothing is run to find it. */
function findProgram(): string {
  const manifest = findManifest();
  const { name, bin } = parseObject(readFileSync(manifest, 'utf8'));
  const command = membersOf(bin)[PACKAGE];
  if (name !== PACKAGE || typeof command !== 'string') {
    throw new UsageError(`expected the package ${PACKAGE} in ${dirname(manifest)}, got another`);
  }
  const file = join(dirname(manifest), command);
  if (existsSync(file)) return file;
  throw new UsageError(`expected ${PACKAGE} to be built, got no ${file}: npm run build makes it`);
}

function findManifest(): string {
  try {
    return require.resolve(`${PACKAGE}/package.json`, { paths: [process.cwd(), __dirname] });
  } catch {
    throw new UsageError(`expected ${PACKAGE} to be installed, got none: npm install --save-dev ${PACKAGE}`);
  }
}

/** Ends as the other one did. A container's first process can't be ended so: it returns what a shell would say. */
function endBy(signal: NodeJS.Signals): number {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}
