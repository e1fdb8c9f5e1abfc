import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deliveryHeaders } from '../../client/delivery';
import { type Run, folder, killAll, leftOf, run } from '../local/cli/run';
import { keepLogs, preparedData, serveFrom, stop, value } from '../local/cli/served';
import { shipDevTemplate } from '../local/cli/template';
import { createdOf } from './deliveries';
import { makeWallet } from './harness';

// for the runs without --template
beforeAll(() => shipDevTemplate());
/** A vault that several tests share. */
let served: Run | undefined;
afterEach(() => killAll([served]));
afterAll(() => killAll());

describe('start', () => {
  let started: Run;
  beforeAll(async () => {
    started = run(['start'], { from: 'sources', env: { FORCE_COLOR: '1' } });
    await started.ended;
  });

  test('runs the main job, shows nine refusals and four denials with their codes, and exits 0', async () => {
    const { output, ended } = started;

    expect(await ended).toBe(0);
    const codes = output().split('Requests that the vault refuses')[1]?.match(/ActorRequired|MessageCorrupt|ContextMismatch|2D000|TransportRejected|SignatureMismatch|Duplicate/g); // prettier-ignore
    expect(codes).toEqual(['ActorRequired', 'ActorRequired', 'MessageCorrupt', 'ContextMismatch', 'ContextMismatch', '2D000', 'TransportRejected', 'SignatureMismatch', 'Duplicate']); // prettier-ignore
    expect(
      output()
        .split('denied by the template')[1]
        ?.match(/AccessDeniedException/g),
    ).toHaveLength(4);
    expect(output()).toMatch(/delivery +the vault accepts a delivery from Dynamic: 200 Sealed/);
    expect(output()).toContain('the unsealed materials equal the delivered ones');
    expect(output()).toContain('intact: 2 entries');
  });

  test('prints a line a step with its time in one column, no colour but on a terminal, no line over 110 characters', async () => {
    const { printed, ended } = started;
    expect(await ended).toBe(0);

    const lines = printed().split('\n');
    expect(printed()).not.toContain('\u001b');
    expect(lines.filter((line) => line.length > 110)).toEqual([]);
    expect(new Set(lines.filter((line) => line.startsWith('  ✓ ')).map((line) => line.length))).toEqual(new Set([101]));
  });
});

describe('start, interrupted', () => {
  test.each(['database', 'unqualified'])('after %s: stops, and leaves no process and no folder', async (step) => {
    const temporary = folder();
    const { child, output, shows, ended } = run(['start'], { env: { TMPDIR: temporary } });
    await shows(step);

    child.kill('SIGINT');

    expect(await ended).toBe(1);
    expect(output()).toContain('interrupted');
    expect(leftOf(temporary, child.pid)).toEqual([]);
    expect(readdirSync(temporary).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
  });
});

describe('serve', () => {
  let newData: string;
  beforeAll(async () => {
    // the program creates it, with its keys
    newData = join(folder(), 'data');
    served = await serveFrom(newData);
  });
  afterAll(async () => expect(await stop(served)).toBe(0));

  test('accepts deliveries made from nothing but its output, before and after a restart', async () => {
    const data = await preparedData();
    const wallet = makeWallet();
    const first = await serveFrom(data);
    const printed = webhook(first.output());
    const body = createdOf(wallet, printed);
    expect(await deliver(printed, body)).toMatchObject({ code: 'Sealed' });
    expect(await stop(first)).toBe(0);

    const second = await serveFrom(data);
    const again = webhook(second.output());

    expect({ ...again, url: undefined }).toEqual({ ...printed, url: undefined });
    expect(await deliver(again, body)).toMatchObject({ code: 'Duplicate' });
    expect(await stop(second)).toBe(0);
    keepLogs(data);
  });

  test('prints a question that has its answer', async () => {
    const [, question = ''] = / (explain [^]+?[^\\])\n/.exec(served?.output() ?? '') ?? [];

    const { printed, ended } = run(question.split(/[\s\\]+/));

    expect(await ended).toBe(1);
    expect(printed()).toMatch(/^DENIED +kms:Decrypt\n/);
  });

  test('starts again after it was killed', async () => {
    const data = await preparedData();
    const first = await serveFrom(data);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await serveFrom(data);

    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(leftOf(data, second.child.pid)).toEqual([]);
  });

  test('keeps keys and passwords where only its user may read', () => {
    const modes = execFileSync('find', [join(newData, 'aws'), '-printf', '%m %y\n'])
      .toString()
      .trim()
      .split('\n');

    expect(new Set(modes)).toEqual(new Set(['700 d', '600 f']));
    expect(readdirSync(join(newData, 'aws', 'kms'))).toHaveLength(4);
  });
});

describe('the help', () => {
  test.each([[[]], [['--help']], [['help', 'serve']], [['explain', '--help']]])('is printed for %j', async (args) => {
    const { printed, ended } = run(args);

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^Usage: share-vault-local /);
    expect(printed()).toMatch(/\nExamples?:\n {2}share-vault-local /);
  });
});

describe('a call that is off', () => {
  test.each([
    ['another command', ['strat'], 'expected a command of share-vault-local --help, got strat: did you mean start'],
    ['an unknown option', ['serve', '--dta', 'x'], 'got --dta: did you mean --data'],
    ['something that is no option', ['start', 'x'], 'expected only options, got something else'],
    ['a port that is none', ['serve', '--port', 'http'], 'expected a port from 1 to 65535 after --port'],
    [
      'a webhook port that is none',
      ['serve', '--webhook-port', '0'],
      'expected a port from 1 to 65535 after --webhook',
    ],
  ] as const)('%s ends with 2 and a message', async (_what, args, message) => {
    const { output, ended } = run(args);

    expect(await ended).toBe(2);
    expect(output()).toContain(message);
  });
});

/** Reads the webhook's URL, secret and key from the output. */
function webhook(printed: string) {
  const [, kid = '', file = ''] = /webhook key {2,}(\S+), (\S+)/.exec(printed) ?? [];
  return { url: value(printed, 'webhook'), secret: value(printed, 'signing secret'), kid, publicKey: readFileSync(file, 'utf8') }; // prettier-ignore
}

async function deliver({ url, secret }: ReturnType<typeof webhook>, body: Buffer): Promise<unknown> {
  const headers = deliveryHeaders(body, secret);
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  return response.json();
}
