import { afterEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient } from '../../client/index';
import { deliveryHeaders } from '../../client/delivery';
import { logFolder } from '../support/run';
import { createdOf } from './deliveries';
import { makeWallet } from './harness';

const ROOT = join(__dirname, '..', '..');
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

interface Run {
  readonly child: ChildProcess;
  /** standard output and error together */
  readonly output: () => string;
  /** what the program itself prints: Node's own warnings of its environment go to standard error */
  readonly printed: () => string;
  /** resolves once the output has this text */
  readonly shows: (text: string) => Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Runs `npm start`'s and `npm run serve`'s program. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', join('local', 'cli.ts'), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  running.add(child);
  const kept = join(logFolder(), 'output.log');
  let output = '';
  let printed = '';
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      appendFileSync(kept, data);
    });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child);
      const logs = join(args.at(-1) ?? '', 'logs');
      if (args.includes('--data') && existsSync(logs)) cpSync(logs, dirname(kept), { recursive: true });
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

/** Processes, besides the program itself, that name this folder or are its children. */
function leftOf(folder: string, pid: number | undefined): readonly string[] {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,args=']).toString().split('\n');
  return processes.filter((line) => line.includes(folder) || line.trim().split(/\s+/)[1] === String(pid));
}

/** One that is made by the program itself. */
function folder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'cli-'));
  chmodSync(parent, 0o711);
  return join(parent, 'data');
}

describe('start', () => {
  test('runs the main job, shows nine refusals with their codes, and exits 0', async () => {
    const { output, ended } = run(['start']);

    expect(await ended).toBe(0);
    const codes = output().split('What is refused')[1]?.match(/ActorRequired|MessageCorrupt|ContextMismatch|2D000|TransportRejected|SignatureMismatch|Duplicate/g); // prettier-ignore
    expect(codes).toEqual(['ActorRequired', 'ActorRequired', 'MessageCorrupt', 'ContextMismatch', 'ContextMismatch', '2D000', 'TransportRejected', 'SignatureMismatch', 'Duplicate']); // prettier-ignore
    expect(output()).toMatch(/delivery +a webhook of Dynamic's, posted: 200 Sealed/);
    expect(output()).toContain('what came back is what went in');
    expect(output()).toContain('intact: 2 entries');
  });

  test('prints no colour where it does not print to a terminal, and no line over 110 characters', async () => {
    const { printed, ended } = run(['start'], { FORCE_COLOR: '1' });
    expect(await ended).toBe(0);

    const lines = printed().split('\n');
    expect(printed()).not.toContain('\u001b');
    expect(lines.filter((line) => line.length > 110)).toEqual([]);
  });
});

describe('start, interrupted', () => {
  test.each(['database', 'unqualified'])('after %s: stops, and leaves no process and no folder', async (step) => {
    const temporary = folder();
    mkdirSync(temporary);
    chmodSync(temporary, 0o711);
    const { child, output, shows, ended } = run(['start'], { TMPDIR: temporary });
    await shows(step);

    child.kill('SIGINT');

    expect(await ended).toBe(1);
    expect(output()).toContain('interrupted');
    expect(leftOf(temporary, child.pid)).toEqual([]);
    expect(readdirSync(temporary).filter((name) => name.startsWith('share-vault-'))).toEqual([]);
  });
});

describe('serve', () => {
  test('is reached by a client through the SDK, keeps its data, and leaves nothing behind at Ctrl-C', async () => {
    const data = folder();
    const wallet = makeWallet();
    const first = run(['serve', '--data', data]);
    await first.shows('Ctrl-C stops it');
    await client(first.output()).seal({ kind: 'delegated-share', ...wallet });
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(leftOf(data, first.child.pid)).toEqual([]);
    expect(existsSync(join(data, 'vault.lock'))).toBe(false);

    const second = run(['serve', '--data', data]);
    await second.shows('Ctrl-C stops it');
    using record = await client(second.output()).unseal({ kind: 'delegated-share', ...wallet, reason: 'test' });

    expect(Buffer.from(record.delegatedShare)).toEqual(wallet.materials.delegatedShare);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  test('takes deliveries made from nothing but what it prints, before and after a restart', async () => {
    const data = folder();
    const wallet = makeWallet();
    const first = run(['serve', '--data', data]);
    await first.shows('Ctrl-C stops it');
    const printed = webhook(first.output());
    const body = createdOf(wallet, printed);
    expect(await deliver(printed, body)).toMatchObject({ code: 'Sealed' });
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);

    const second = run(['serve', '--data', data]);
    await second.shows('Ctrl-C stops it');
    const again = webhook(second.output());

    expect({ ...again, url: undefined }).toEqual({ ...printed, url: undefined });
    expect(await deliver(again, body)).toMatchObject({ code: 'Duplicate' });
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  test('starts again after it was killed, and refuses a folder in use', async () => {
    const data = folder();
    const first = run(['serve', '--data', data]);
    await first.shows('Ctrl-C stops it');
    const other = run(['serve', '--data', data]);
    expect(await other.ended).toBe(1);
    expect(other.output()).toContain(`expected an unused data folder, got one in use by process ${first.child.pid}`);

    first.child.kill('SIGKILL');
    await first.ended;
    const second = run(['serve', '--data', data]);
    await second.shows('Ctrl-C stops it');

    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(leftOf(data, second.child.pid)).toEqual([]);
  });

  test('keeps keys and passwords where only its user may read', async () => {
    const data = folder();
    const { child, shows, ended } = run(['serve', '--data', data]);
    await shows('Ctrl-C stops it');
    const modes = execFileSync('find', [join(data, 'aws'), '-printf', '%m %y\n'])
      .toString()
      .trim()
      .split('\n');

    expect(new Set(modes)).toEqual(new Set(['700 d', '600 f']));
    expect(readdirSync(join(data, 'aws', 'kms'))).toHaveLength(3);
    child.kill('SIGINT');
    await ended;
  });
});

describe('a call that is off', () => {
  test.each([
    ['no command', [], 2],
    ['another command', ['run'], 2],
    ['an unknown option', ['serve', '--dta', 'x'], 1],
    ['a port that is none', ['serve', '--port', 'http'], 1],
    ['a webhook port that is none', ['serve', '--webhook-port', '0'], 1],
  ] as const)('%s ends with a message', async (_what, args, code) => {
    const { output, ended } = run(args);

    expect(await ended).toBe(code);
    expect(output().trim()).not.toBe('');
  });
});

/** What stands beside a name in what `serve` prints. */
function valueIn(output: string): (name: string) => string {
  const printed = output.slice(output.indexOf('How to reach it'));
  return (name) => new RegExp(` ${name} {2,}(\\S+)`).exec(printed)?.[1] ?? '';
}

/** What Dynamic's console is told, and tells. */
function webhook(output: string) {
  const value = valueIn(output);
  const after = output.slice(output.lastIndexOf('webhook key  '));
  const publicKey = /-----BEGIN[^]+?END PUBLIC KEY-----/.exec(after)?.[0] ?? '';
  return { url: value('webhook'), secret: value('signing secret'), publicKey, kid: value('webhook key').replace(',', '') }; // prettier-ignore
}

async function deliver({ url, secret }: ReturnType<typeof webhook>, body: Buffer): Promise<unknown> {
  const headers = deliveryHeaders(body, secret);
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  return response.json();
}

/** A client made from nothing but what `serve` prints. */
function client(output: string): ShareVaultClient {
  const value = valueIn(output);
  const publicKey = /-----BEGIN[^]+?END PUBLIC KEY-----/.exec(output)?.[0] ?? '';
  const credentials = { accessKeyId: value('AWS_ACCESS_KEY_ID'), secretAccessKey: value('AWS_SECRET_ACCESS_KEY') };
  return new ShareVaultClient({
    environment: 'local',
    actor: 'signer',
    functions: { seal: 'share-vault-local-seal', unseal: 'share-vault-local-unseal' },
    intakeKeys: [{ kid: 'intake-1', publicKey }],
    lambda: new LambdaClient({ endpoint: value('AWS_ENDPOINT_URL'), region: value('AWS_REGION'), credentials }),
  });
}
