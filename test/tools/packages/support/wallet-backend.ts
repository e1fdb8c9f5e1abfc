import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { profileConfig } from '../../../local/cli/served';
import { type Packed, ROOT, installed } from '../../../support/pack';

const EXAMPLE = join(ROOT, 'examples', 'wallet-backend');
const MAX_LINES = 100;

/** A test of the backend, as a user writes it. */
const IN_TESTS = `import { startLocalVault } from '@cdk-share-vault/local';
  import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
  await using vault = await startLocalVault({ app: 'cdk.out' });
  Object.assign(process.env, vault.env);
  const lambda = new LambdaClient({ maxAttempts: 1 });
  const invoke = async (request) => {
    const Payload = Buffer.from(JSON.stringify(request));
    const output = await lambda.send(new InvokeCommand({ FunctionName: 'wallet-backend', Payload }));
    return JSON.parse(output.Payload.transformToString());
  };
  const wallet = await invoke({ action: 'create' });
  const signed = await invoke({ action: 'sign', walletId: wallet.walletId, message: 'hello' });
  process.stdout.write(JSON.stringify([wallet, signed]));
`;

/** A response of the backend. */
type Fields = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** The example, installed from the tarballs, and run as its README says. */
export function testWalletBackend(pack: () => Promise<Readonly<Record<string, Packed>>>): void {
  describe('examples/wallet-backend', () => {
    let project: string;
    let served: ChildProcess | undefined;
    beforeAll(async () => {
      project = mkdtempSync(join(tmpdir(), 'wallet-backend-'));
      // PostgreSQL has a user of its own
      chmodSync(project, 0o711);
      install(project, await pack());
    });
    afterAll(async () => {
      if (served?.exitCode === null) await stop(served);
      rmSync(project, { recursive: true, force: true });
    });

    test('has at most 100 lines', () => {
      const files = readdirSync(EXAMPLE).filter((name) => name !== 'README.md');
      const lines = files.flatMap((name) => readFileSync(join(EXAMPLE, name), 'utf8').trimEnd().split('\n'));

      expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
    });

    test("depends on this repository's packages, and has them from the tarballs", async () => {
      const { dependencies, devDependencies } = manifestOf(EXAMPLE);
      const names = Object.keys(await pack());
      const folders = names.map((name) => realpathSync(join(project, 'node_modules', name)));

      expect(Object.keys({ ...dependencies, ...devDependencies })).toEqual(expect.arrayContaining(names));
      expect(folders).toEqual(names.map((name) => join(realpathSync(project), 'node_modules', name)));
    });

    test('synthesizes both stacks', () => {
      run(project, scriptOf(project, 'synth'));

      expect(readdirSync(join(project, 'cdk.out'))).toEqual(
        expect.arrayContaining(['Vault.template.json', 'Backend.template.json']),
      );
    });

    test('creates a wallet on the served vault, and signs with the key that only the vault has', async () => {
      const { child, printed } = await serve(project);
      served = child;
      const lambda = new LambdaClient({ ...profileConfig(printed, 'administrator'), maxAttempts: 1 });

      const wallet = await invoke(lambda, { action: 'create' });
      const signed = await invoke(lambda, { action: 'sign', walletId: wallet.walletId, message: 'hello' });
      const unknown = await invoke(lambda, { action: 'sign', walletId: 'another', message: 'hello' });
      lambda.destroy();
      const typed = typedCommands(printed, wallet.walletId);

      expect(isSigned(wallet, signed)).toBe(true);
      expect(unknown.errorMessage).toContain('expected a record of this wallet');
      for (const output of typed) expect(output).toMatch(/"(?:recordId|signature)":/);
      expect(typed.length).toBe(hasAws() ? 2 : 0);
      expect(await stop(child)).toBe(0);
    });

    test('creates a wallet and signs on a vault that startLocalVault starts', () => {
      writeFileSync(join(project, 'try.mjs'), IN_TESTS);

      const [wallet, signed] = JSON.parse(run(project, 'node try.mjs')) as readonly [Fields, Fields];

      expect(isSigned(wallet, signed)).toBe(true);
    });
  });
}

const hasAws = (): boolean => spawnSync('sh', ['-c', 'command -v aws']).status === 0;

/** Runs the commands of the example's README after the line that `serve` printed, if this machine has `aws`, of any version. */
function typedCommands(printed: string, walletId = ''): readonly string[] {
  if (!hasAws()) return [];
  const [pasted = ''] = /^export .*$/m.exec(printed) ?? [];
  const readme = readFileSync(join(EXAMPLE, 'README.md'), 'utf8').replace('WALLET"', `${walletId}"`);
  return (readme.match(/^ {4}(?:aws |.*\|\n).*(?:\\\n.*)*$/gm) ?? []).map((command) =>
    execFileSync('sh', ['-c', `${pasted}\n${command}`], { encoding: 'utf8' }),
  );
}

/** Installs what `npm install` would, with commands and a lock file; packages of others are links. */
function install(project: string, packed: Readonly<Record<string, Packed>>): void {
  cpSync(EXAMPLE, project, { recursive: true });
  const { dependencies, devDependencies } = manifestOf(project);
  const own = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => packed[name] === undefined);
  const modules = join(project, 'node_modules');
  for (const [name, each] of Object.entries(packed)) {
    const needed = Object.keys(manifestOf(join(ROOT, each.folder)).dependencies ?? {});
    linkCommands(modules, name, installed(project, name, each, [...needed, ...own]));
  }
  for (const name of own) linkCommands(modules, name, join(modules, name));
  writeFileSync(join(project, 'package-lock.json'), '{}');
}

function linkCommands(modules: string, name: string, folder: string): void {
  const { bin = {} } = manifestOf(folder);
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const [command, file] of Object.entries(typeof bin === 'string' ? { [name]: bin } : bin)) {
    const link = join(modules, '.bin', command);
    if (!existsSync(link)) symlinkSync(join(folder, file), link);
    if (!folder.startsWith(ROOT)) chmodSync(join(folder, file), 0o755);
  }
}

const environmentOf = (project: string) => ({
  HOME: project,
  TMPDIR: tmpdir(),
  PATH: [join(project, 'node_modules', '.bin'), join(process.execPath, '..'), '/usr/bin', '/bin'].join(':'),
});

const scriptOf = (project: string, name: string): string => {
  const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return scripts[name] ?? '';
};

/** Runs a command as `npm run` does. */
function run(project: string, command: string): string {
  return execFileSync('sh', ['-c', command], { cwd: project, env: environmentOf(project), encoding: 'utf8' });
}

/** Runs the example's script `vault` until it serves. */
async function serve(project: string): Promise<{ readonly child: ChildProcess; readonly printed: string }> {
  const script = `exec ${scriptOf(project, 'vault')} --data data`;
  const child = spawn('sh', ['-c', script], { cwd: project, env: environmentOf(project) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  while (!output.includes('Ctrl-C stops it')) {
    if (child.exitCode !== null) throw new Error(`expected a served vault, got: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { child, printed: output };
}

function stop(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('close', resolve);
    child.kill('SIGINT');
  });
}

async function invoke(lambda: LambdaClient, request: object): Promise<Fields> {
  const command = new InvokeCommand({ FunctionName: 'wallet-backend', Payload: Buffer.from(JSON.stringify(request)) });
  const { Payload } = await lambda.send(command);
  return JSON.parse(Payload?.transformToString() ?? '{}') as Fields;
}

const decode = (text = ''): Buffer => Buffer.from(text, 'base64url');

/** Whether the wallet's key signed `hello`. */
function isSigned({ accountAddress }: Fields, { signature }: Fields): boolean {
  const key = createPublicKey({ key: decode(accountAddress), format: 'der', type: 'spki' });
  return verify(null, Buffer.from('hello'), key, decode(signature));
}
