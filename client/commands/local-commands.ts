import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { type Described, type Streams, UsageError } from './command';
import { membersOf, parseObject } from './json';

/** The package with the vault on one machine. It is no dependency: callers of a vault install no PostgreSQL. */
const PACKAGE = '@cdk-share-vault/local';
/** Its command. */
const COMMAND = 'share-vault-local';

/** The commands that it runs; no others are passed to it. It describes them itself. */
export const LOCAL_COMMANDS: readonly Described[] = [
  { name: 'start', summary: 'run the main job once, and what is refused' },
  { name: 'serve', summary: 'keep a vault running until Ctrl-C, with --template FILE the one of a template' },
  { name: 'explain', summary: "what a template's policies decide on ROLE ACTION RESOURCE" },
  { name: 'matrix', summary: 'who may send which request to the vault of a template' },
  { name: 'trail', summary: 'what was asked of KMS, and what was refused' },
].map((command) => ({ ...command, about: '', options: {}, examples: [] }));

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command of `share-vault-local`, and ends with its exit code or by its signal. Throws `UsageError` if the package
 * can't be run: exit code 1 would mean `denied` for `explain`.
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
  // after `--`, Node leaves an option `--env-file` to the program (nodejs/node#54232)
  const child = spawn(process.execPath, ['--', program, ...args], {
    stdio: 'inherit',
    // the name of the program in its examples: see `programName` in local/cli/printed-names.ts
    env: { ...env, SHARE_VAULT_PROGRAM: 'share-vault' },
  });
  return new Promise((resolve, reject) => {
    child.once('error', () => reject(new UsageError(`expected ${process.execPath} to start, got an error`)));
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : endBy(signal)));
  });
}

/** Returns the file of its command: resolved from the user's folder, else from here. Nothing is run to find it. */
function findProgram(): string {
  const manifest = findManifest();
  const { name, bin } = parseObject(readFileSync(manifest, 'utf8'));
  const command = membersOf(bin)[COMMAND];
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

/** Ends by the same signal. A container's first process can't end by one: it returns a shell's exit code for it. */
function endBy(signal: NodeJS.Signals): number {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}
