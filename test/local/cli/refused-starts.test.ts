import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { functionTemplate } from './own-template';
import { folder, killAll, leftOf, run } from './run';
import { devTemplate } from './template';

/** A port that is in use during all tests. */
let taken: number;
const server = createServer();
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  taken = (server.address() as AddressInfo).port;
});
afterEach(() => killAll());
afterAll(() => void server.close());

/** A folder with a template and files that can't be used, and a folder for temporary files. */
interface Place {
  readonly at: (name: string) => string;
  readonly temporary: string;
}

function place(): Place {
  const [made, temporary] = [folder(), folder()];
  const at = (name: string): string => join(made, name);
  writeFileSync(at('Mine.template.json'), functionTemplate('exports.handler = async () => 1;'));
  writeFileSync(at('notes.txt'), 'notes of someone else\n');
  writeFileSync(at('running.json'), `{"program":"share-vault-local","process":${process.ppid},"format":1}\n`);
  mkdirSync(at('other-stack'));
  chmodSync(at('other-stack'), 0o711);
  writeFileSync(at('other-stack/stack.json'), '{"stack":"Other","account":"111122223333","region":"us-east-1"}');
  mkdirSync(at('closed'));
  // root can write into it, but PostgreSQL's own user can't reach what lies below
  chmodSync(at('closed'), process.getuid?.() === 0 ? 0o700 : 0o500);
  return { at, temporary };
}

/** Returns the files of a place with their contents, and the temporary files. */
function listing({ at, temporary }: Place): readonly string[] {
  const own = readdirSync(at('.'), { recursive: true, encoding: 'utf8' }).sort();
  const contents = own.map((name) =>
    /\.(txt|json)$/.test(name) ? `${name}: ${readFileSync(at(name), 'utf8')}` : name,
  );
  return [...contents, ...readdirSync(temporary).filter((name) => !/^(tsx-|node-compile-cache$)/.test(name))];
}

describe('serve refuses, with one line, and leaves no file, folder or process', () => {
  test.each<[string, (at: Place['at']) => readonly string[], number, RegExp]>([
    [
      'equal ports',
      () => ['--port', '4566', '--webhook-port', '4566'],
      2,
      /^--webhook-port: expected another port than that of --port, got 4566 for both$/,
    ],
    ['a port in use', (at) => ['--port', `${taken}`, '--data', at('new')], 1, /^--port: expected a port that no process uses, got \d+$/], // prettier-ignore
    ['a webhook port in use', () => ['--webhook-port', `${taken}`], 1, /^--webhook-port: expected a port that no process/], // prettier-ignore
    [
      'a data folder that is a file',
      (at) => ['--data', at('notes.txt')],
      2,
      /^--data: expected a folder, got the file/,
    ],
    ['a data folder below a file', (at) => ['--data', at('notes.txt/data')], 2, /^--data: expected a folder, got the file/], // prettier-ignore
    ['a data folder that can not be used', (at) => ['--data', at('closed/data')], 1, /^--data: expected a folder that (the user \w+ can reach|can be written)/], // prettier-ignore
    ["another stack's data folder", (at) => ['--data', at('other-stack')], 1, /^expected a data folder of stack Mine .* of stack Other/], // prettier-ignore
    ['a template that does not exist', (at) => ['--template', at('none.json'), '--data', at('new')], 1, /expected a file that can be read, got none$/], // prettier-ignore
    ['a ready file of another program', (at) => ['--ready-file', at('notes.txt')], 2, /^--ready-file: expected a new file, got a file of another program/], // prettier-ignore
    ['a ready file of a vault that runs', (at) => ['--ready-file', at('running.json')], 1, /^--ready-file: expected a file that no vault uses, got one of process \d+$/], // prettier-ignore
    ['a dotenv file that is a folder', (at) => ['--env-file', at('other-stack')], 2, /^--env-file: expected a new file, got a folder or device/], // prettier-ignore
    ['a dotenv file in a missing folder', (at) => ['--dotenv', at('none/x.env')], 2, /^--dotenv: expected a file in an existing folder, got none/], // prettier-ignore
    ['one file for both', (at) => ['--dotenv', at('x'), '--ready-file', at('x')], 2, /^expected different files/],
    ['two files of variables', (at) => ['--dotenv', at('x'), '--env-file', at('y')], 2, /^expected --env-file or --dotenv, got both$/], // prettier-ignore
    ['an actor without a file', () => ['--actor', 'backend'], 2, /^expected --env-file FILE with --actor, got none$/],
    [
      'an actor without a vault',
      (at) => ['--dotenv', at('x.env'), '--actor', 'backend', '--data', at('new')],
      1,
      /^expected a template with a vault for the actor backend, got none$/,
    ],
  ])('%s', async (_what, argsOf, code, message) => {
    const where = place();
    const before = listing(where);
    const args = argsOf(where.at);
    const template = args.includes('--template') ? [] : ['--template', where.at('Mine.template.json')];

    const { child, output, ended } = run(['serve', ...template, ...args], { env: { TMPDIR: where.temporary } });

    expect(await ended).toBe(code);
    const lines = output().split('\n').filter((line) => line.trim() !== '' && !line.endsWith('on this machine')); // prettier-ignore
    expect(lines).toEqual([expect.stringMatching(message)]);
    expect(listing(where)).toEqual(before);
    expect(leftOf(where.temporary, child.pid)).toEqual([]);
  });
});

describe('a start that fails after the data folder was created', () => {
  test('removes the folder if a trigger fails', async () => {
    const where = place();
    const trigger = { Type: 'Custom::Trigger', Properties: { HandlerArn: { Ref: 'Function' } } };
    const source = "exports.handler = async () => { throw new TypeError('no'); };";
    writeFileSync(where.at('Mine.template.json'), functionTemplate(source, { Trigger: trigger }));
    const before = listing(where);
    const args = ['--template', where.at('Mine.template.json'), '--data', where.at('new/data')];

    const { child, output, ended } = run(['serve', ...args], { env: { TMPDIR: where.temporary } });

    expect(await ended).toBe(1);
    expect(output()).toContain('Trigger: expected mine to succeed, got {"errorType":"TypeError"');
    expect(listing(where)).toEqual(before);
    expect(leftOf(where.at('new'), child.pid)).toEqual([]);
  });

  test('removes the folder if Ctrl-C interrupts it', async () => {
    const where = place();
    const before = listing(where);
    const args = ['serve', '--template', devTemplate(), '--data', where.at('new')];
    const { child, shows, ended } = run(args, { env: { TMPDIR: where.temporary } });
    await shows('keys');

    child.kill('SIGINT');

    expect(await ended).toBe(0);
    expect(listing(where)).toEqual(before);
    expect(leftOf(where.at('new'), child.pid)).toEqual([]);
  });

  test('ends, and leaves no process, if the profiles can not be written', async () => {
    const where = place();
    mkdirSync(where.at('data/aws-config'), { recursive: true });
    chmodSync(where.at('data'), 0o711);
    const args = ['serve', '--template', where.at('Mine.template.json'), '--data', where.at('data')];

    const { child, output, ended } = run(args);

    expect(await ended).toBe(1);
    expect(output()).toContain('EISDIR');
    expect(leftOf(where.at('data'), child.pid)).toEqual([]);
  });

  test('leaves a folder that existed, which may hold data', async () => {
    const where = place();
    mkdirSync(where.at('kept'));
    chmodSync(where.at('kept'), 0o711);
    writeFileSync(where.at('kept/mine.txt'), 'data');
    const args = ['serve', '--template', devTemplate(), '--data', where.at('kept')];
    const { child, shows, ended } = run(args);
    await shows('keys');

    child.kill('SIGINT');

    expect(await ended).toBe(0);
    expect(listing(where)).toContain('kept/mine.txt: data');
  });
});
