import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { readBody, readShortFile } from '../../../client/commands/bounded';
import { post } from '../../../client/commands/post';
import { printable, printableLines, printableStream } from '../../../client/commands/printable';
import { logFolder } from '../../support/run';
import { Account, type Ran, run } from './support/account';

/** A text that sets a terminal's title, moves its cursor, reverses a line, ends it, and hides text. */
const HOSTILE = '\u001b]0;title\u0007\u001b[2J\u009b1A\u202eevil\u200b\u2066\u2028\rok\ninjected';
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const COMMANDS = [
  ['public-key'],
  ['public-key', '--intake'],
  ['webhook-secret'],
  ['webhook-test'],
  ['doctor'],
] as const;

const ACCOUNT = new Account();
const secret = `dyn_whsec_${randomBytes(16).toString('hex')}`;
const shownBy = ({ stdout, stderr }: Ran): string => (stdout + stderr).replaceAll('\n', '');
const publish = (path: string, value: string) => ACCOUNT.parameters.publish(`/share-vault/prod/${path}`, value);

beforeAll(async () => {
  await ACCOUNT.start();
});
afterAll(() => ACCOUNT.stop());
beforeEach(() => {
  const arn = `arn:aws:kms:eu-central-1:111122223333:key/${HOSTILE}`;
  publish('webhook/url', `https://example.com/${HOSTILE}`);
  publish('webhook/secret', arn);
  publish('keys/webhook/webhook-1', arn);
  publish('keys/intake/intake-1', `arn:aws:secretsmanager:eu-central-1:999999999999:secret:${HOSTILE}`);
});

describe('every command', () => {
  test.each(COMMANDS.map((args) => [args.join(' '), args] as const))(
    '%s prints no hidden character of hostile parameters, and no line of their own',
    async (_name, args) => {
      const ran = await run([...args, '--environment', 'prod'], secret);

      expect(shownBy(ran)).not.toMatch(HIDDEN);
      expect(ran.stdout + ran.stderr).not.toMatch(/^injected/m);
    },
    60_000,
  );

  test.each([
    ['a command', [HOSTILE]],
    ['an option', ['public-key', `--${HOSTILE}`]],
    ['a kid', ['public-key', '--environment', 'prod', '--kid', HOSTILE]],
    ['an environment', ['public-key', '--environment', HOSTILE]],
    ['a region', ['public-key', '--environment', 'prod', '--region', HOSTILE]],
    ['a URL', ['webhook-test', '--environment', 'prod', '--url', `http://localhost:9/${HOSTILE}`, '--secret-stdin']],
    ['a file', ['webhook-test', '--environment', 'prod', '--public-key', HOSTILE]],
  ])('prints no hidden character of %s', async (_what, args) => {
    const ran = await run(args, secret);

    expect(shownBy(ran)).not.toMatch(HIDDEN);
    expect(ran.stdout + ran.stderr).not.toMatch(/^injected/m);
  });

  test('reads no parameter of more than 2,048 characters', async () => {
    publish('webhook/secret', `arn:aws:kms:eu-central-1:111122223333:key/${'k'.repeat(2_048)}`);

    const { code, stderr } = await run(['webhook-secret', '--environment', 'prod'], secret);

    expect(code).toBe(1);
    expect(stderr.length).toBeLessThan(1_000);
  });

  test('writes to the streams of its context only, which are guarded, and reads by the bounded readers only', () => {
    const folder = join(__dirname, '../../../client/commands');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && file !== 'bounded.ts'); // prettier-ignore
    const unguarded = /console\.|process\.std|\.text\(\)|\.json\(\)|\.arrayBuffer\(\)|readFile\(|createReadStream/;

    expect(files.filter((file) => unguarded.test(readFileSync(join(folder, file), 'utf8')))).toEqual([]);
  });
});

describe('what is printed', () => {
  test('has no hidden character, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(printable(text)).not.toMatch(HIDDEN);
        expect(printableLines(text).replaceAll('\n', '')).not.toMatch(HIDDEN);
      }),
      { numRuns: 500 },
    );
  });

  test('is guarded once more by the stream', () => {
    const written: string[] = [];
    const out = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written.push(chunk.toString());
        done();
      },
    });

    printableStream(out).write(`one\n${HOSTILE}`);

    expect(written.join('').replaceAll('\n', '')).not.toMatch(HIDDEN);
    expect(written.join('')).toMatch(/^one\n�/);
  });
});

describe('the stream that guards the output', () => {
  test('passes no more on while its reader is slow', async () => {
    const slow = new Writable({ highWaterMark: 1, write: () => undefined });
    const guarded = printableStream(slow);

    guarded.write('one\n');
    guarded.write('two\n');
    await new Promise((resolve) => setImmediate(resolve));

    expect(slow.writableLength).toBe(4);
  });

  test.each([
    ['closes', (out: Writable) => out.emit('close')],
    ['fails', (out: Writable) => out.emit('error', new Error('EPIPE'))],
  ])('ends if its reader %s', (_what, end) => {
    const out = new Writable();
    const guarded = printableStream(out);

    end(out);

    expect(guarded.writable).toBe(false);
  });
});

describe('what is read', () => {
  test('of a response ends at its bound, though the response never does', async () => {
    const server = createServer((_request, response) => {
      const more = (): void => void response.write('x'.repeat(65_536), more);
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

    const posted = await post(url, Buffer.from('{}'), secret, 30_000);
    server.closeAllConnections();
    server.close();

    expect(posted).toMatchObject({ status: 200, code: undefined });
  });

  test('of a body is no more than its bound', async () => {
    const chunks = [Buffer.from('abc'), Buffer.from('def'), Buffer.from('ghi')];

    await expect(readBody(new Blob(chunks).stream(), 4)).resolves.toBe('abcd');
    await expect(readBody(null, 4)).resolves.toBe('');
  });

  test('of a file is all of it or nothing', async () => {
    const file = join(logFolder(), 'short.txt');
    writeFileSync(file, 'abcd');

    await expect(readShortFile(file, 4)).resolves.toBe('abcd');
    await expect(readShortFile(file, 3)).resolves.toBeUndefined();
    await expect(readShortFile('/dev/zero', 1_000)).resolves.toBeUndefined();
  });
});
