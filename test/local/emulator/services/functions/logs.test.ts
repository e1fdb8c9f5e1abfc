import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { logFolder } from '../../../../support/run';
import { type RunningLambda, actions, startLambda } from './support/lambda';

let lambda: RunningLambda;
const logDir = join(logFolder(), 'lambda');
beforeAll(async () => {
  lambda = await startLambda([actions()], { logDir });
});
afterAll(async () => lambda[Symbol.asyncDispose]());

const linesOf = (requestId: string | undefined) => lambda.logs.filter((line) => line.requestId === requestId);

describe('the log of an invocation', () => {
  test('is passed on line by line, with its request id, between START and REPORT', async () => {
    const { requestId = '' } = await lambda.invoke({ action: 'write', out: 'one\ntwo ü\n', err: 'three\n' });

    const lines = linesOf(requestId);
    expect(lines[0]).toMatchObject({ stream: 'platform', line: `START RequestId: ${requestId} Version: $LATEST` });
    expect(lines.filter(({ stream }) => stream === 'stdout').map(({ line }) => line)).toEqual(['one', 'two ü']);
    expect(lines.filter(({ stream }) => stream === 'stderr').map(({ line }) => line)).toEqual(['three']);
    expect(lines.at(-2)).toMatchObject({ stream: 'platform', line: `END RequestId: ${requestId}` });
    expect(lines.at(-1)?.line).toMatch(/^REPORT RequestId: .*\tDuration: [\d.]+ ms\t/);
  });

  test.each([
    ['without an end of line', 'no end', ['no end']],
    ['with an empty line', 'a\n\nb\n', ['a', '', 'b']],
    ['of many kilobytes', `${'x'.repeat(300_000)}\n`, ['x'.repeat(300_000)]],
  ])('%s is passed on whole', async (_case, out, expected) => {
    const { requestId } = await lambda.invoke({ action: 'write', out });

    const lines = linesOf(requestId).filter(({ stream }) => stream === 'stdout');
    expect(lines.map(({ line }) => line)).toEqual(expected);
  });

  test('is in the function’s log file, which only its owner may read', async () => {
    await lambda.invoke({ action: 'write', out: 'kept for later\n' });

    const file = join(logDir, 'seal.log');
    expect(readFileSync(file, 'utf8')).toContain('\nkept for later\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is in the response if the caller requests it', async () => {
    const event = { action: 'write', out: 'to standard output\n', err: 'to standard error\n' };

    const { logTail, requestId = '' } = await lambda.invoke(event, { LogType: 'Tail' });

    expect(logTail).toContain(`START RequestId: ${requestId}`);
    expect(logTail).toContain('to standard output\n');
    expect(logTail).toContain('to standard error\n');
    expect(logTail).toContain(`REPORT RequestId: ${requestId}`);
  });

  test('is cut to its last 4 KB in the response', async () => {
    const out = `first\n${'ü'.repeat(3_000)}\nlast\n`;

    const { logTail } = await lambda.invoke({ action: 'write', out }, { LogType: 'Tail' });

    expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(4_098);
    expect(logTail).not.toContain('first');
    expect(logTail).toContain('last\n');
  });

  test('is not in the response without a request for it', async () => {
    expect((await lambda.invoke({ action: 'write', out: 'x\n' })).logTail).toBe('');
  });

  test('before it exits is not lost', async () => {
    const event = { action: 'exit', code: 1, out: `${'x'.repeat(60_000)}\nlast words\n` };

    const { logTail } = await lambda.invoke(event, { LogType: 'Tail' });

    expect(logTail).toContain('last words\n');
    expect(logTail).toContain('Runtime exited with error: exit status 1');
  });

  test('has an error’s name, message and own members, as in Lambda', async () => {
    const event = { action: 'refuse', message: 'expected this, got that' };

    const { logTail } = await lambda.invoke(event, { LogType: 'Tail' });

    expect(logTail).toContain('ERROR\tInvoke Error');
    expect(logTail).toContain('"errorMessage":"expected this, got that"');
    expect(logTail).toContain('"detail":"a member of its own"');
  });

  test('never mixes with what a parallel invocation writes', async () => {
    const words = ['one', 'two', 'three'];

    const responses = await Promise.all(
      words.map((word) => lambda.invoke({ action: 'write', out: `${word}\n`.repeat(200) }, { LogType: 'Tail' })),
    );

    const written = responses.map(({ logTail }) => new Set(logTail.match(/^(one|two|three)$/gm)));
    expect(written).toEqual(words.map((word) => new Set([word])));
  });
});
