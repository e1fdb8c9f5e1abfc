import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { deadlineIn, remainingMs } from '../../../lambda/invocation/deadline';
import type { SecretVersions } from '../../../lambda/webhook/secret-versions';
import { SigningSecret } from '../../../lambda/webhook/signing-secret';

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const START = Date.UTC(2026, 10, 20);
const DEADLINE = deadlineIn(60_000);
const LONG_AGO = new Date(START - 1_000 * HOUR);

let now = START;
let reads = 0;
/** Sets the result of later reads. */
let stored: SecretVersions | undefined | Error;
let secret: SigningSecret;

const version = (text: string, createdAt = LONG_AGO, previous?: string): SecretVersions => ({
  current: Buffer.from(text),
  createdAt,
  previous: previous === undefined ? undefined : Buffer.from(previous),
});
const read = async () => {
  reads += 1;
  if (stored instanceof Error) throw stored;
  return stored;
};
const texts = (secrets: readonly Uint8Array[]) => secrets.map((each) => Buffer.from(each).toString());
const accepted = async () => texts(await secret.accepted(DEADLINE));
const renewed = async () => texts(await secret.renewed(DEADLINE));

beforeEach(() => {
  now = START;
  reads = 0;
  stored = version('one');
  secret = new SigningSecret(read, () => now);
});

describe('the signing secret', () => {
  test('is read once in five minutes', async () => {
    expect(await accepted()).toEqual(['one']);
    now += 5 * MINUTE - 1;
    expect(await accepted()).toEqual(['one']);
    expect(reads).toBe(1);
    stored = version('two');
    now += 1;
    expect(await accepted()).toEqual(['two']);
    expect(reads).toBe(2);
  });

  test('is read again on a mismatch, at most once a second', async () => {
    await accepted();
    stored = version('two', new Date(START), 'one');
    now += SECOND - 1;
    expect(await renewed()).toEqual(['one']);
    now += 1;
    expect(await renewed()).toEqual(['two', 'one']);
    now += 1;
    await renewed();
    await renewed();
    expect(reads).toBe(2);
  });

  test('is accepted with its former value for 26 hours', async () => {
    stored = version('two', new Date(START), 'one');

    expect(await accepted()).toEqual(['two', 'one']);
    now += 26 * HOUR - 1;
    expect(await accepted()).toEqual(['two', 'one']);
    now += 1;
    expect(await accepted()).toEqual(['two']);
  });

  test('loses its former value on time even while it is cached', async () => {
    stored = version('two', new Date(START - 26 * HOUR + MINUTE), 'one');

    expect(await accepted()).toEqual(['two', 'one']);
    now += MINUTE;
    expect(await accepted()).toEqual(['two']);
    expect(reads).toBe(1);
  });

  test('is unavailable while it is empty, and there as soon as it is filled', async () => {
    stored = undefined;
    await expect(accepted()).rejects.toThrowWithCode('SecretUnavailable');
    await expect(renewed()).rejects.toThrowWithCode('SecretUnavailable');
    stored = version('one');
    expect(await accepted()).toEqual(['one']);
  });

  test('is unavailable once its value is gone', async () => {
    await accepted();
    stored = undefined;
    now += 5 * MINUTE;

    await expect(accepted()).rejects.toThrowWithCode('SecretUnavailable');
  });

  test('is unavailable if it can not be read the first time', async () => {
    stored = new Error('throttled');
    await expect(accepted()).rejects.toThrowWithCode('SecretUnavailable');
    stored = version('one');
    expect(await accepted()).toEqual(['one']);
  });

  test('is used for an hour if it can not be read again', async () => {
    await accepted();
    stored = new Error('throttled');
    now += HOUR - 1;
    expect(await accepted()).toEqual(['one']);
    expect(await renewed()).toEqual(['one']);
    now += 1;
    await expect(accepted()).rejects.toThrowWithCode('SecretUnavailable');
  });

  test('is not requested at every delivery while it can not be read', async () => {
    await accepted();
    stored = new Error('throttled');
    now += 10 * MINUTE;

    await accepted();
    await accepted();

    expect(reads).toBe(2);
  });

  test('is read again at once after the clock was set back', async () => {
    await accepted();
    stored = version('two');
    now -= 24 * HOUR;

    expect(await accepted()).toEqual(['two']);
  });

  test('is not used after the clock was set back if it can not be read again', async () => {
    await accepted();
    stored = new Error('throttled');
    now -= 24 * HOUR;

    await expect(accepted()).rejects.toThrowWithCode('SecretUnavailable');
  });

  test('is read within the time of its delivery', async () => {
    const times: number[] = [];
    const timed = new SigningSecret(async (signal) => {
      times.push(remainingMs(signal));
      return version('one');
    });

    await timed.accepted(deadlineIn(60_000));

    expect(times).toEqual([expect.any(Number)]);
    expect(times).not.toEqual([Number.POSITIVE_INFINITY]);
  });

  test('is read once for all waiting deliveries', async () => {
    const all = await Promise.all([accepted(), accepted(), accepted()]);

    expect(all).toEqual([['one'], ['one'], ['one']]);
    expect(reads).toBe(1);
  });

  test('reports errors without quoting them', async () => {
    stored = new Error('hunter2');

    await expect(accepted()).rejects.toThrow('expected the signing secret, got none');
  });
});

describe('a read that does not end', () => {
  const never = () =>
    new Promise<undefined>(() => {
      reads += 1;
    });

  test('is waited for no longer than the call has', async () => {
    const hanging = new SigningSecret(never, () => now);

    await expect(hanging.accepted(deadlineIn(50))).rejects.toThrowWithCode('SecretUnavailable');
    await expect(hanging.accepted(deadlineIn(0))).rejects.toThrowWithCode('SecretUnavailable');
  });

  test('is given up with the delivery that waited for it', async () => {
    const signals: AbortSignal[] = [];
    const hanging = new SigningSecret((signal) => {
      signals.push(signal);
      return never();
    });

    await expect(hanging.accepted(deadlineIn(10))).rejects.toThrowWithCode('SecretUnavailable');

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('is not waited for again', async () => {
    const responses = [never, read];
    const hung = new SigningSecret(async () => responses.shift()?.(), () => now); // prettier-ignore
    await expect(hung.accepted(deadlineIn(10))).rejects.toThrowWithCode('SecretUnavailable');

    expect(texts(await hung.accepted(DEADLINE))).toEqual(['one']);
  });

  test('that ends behind a later one changes nothing', async () => {
    let end: (versions: SecretVersions) => void = () => undefined;
    const late = () => new Promise<SecretVersions>((resolve) => (end = resolve));
    const responses = [late, read];
    const overtaken = new SigningSecret(async () => responses.shift()?.(), () => now); // prettier-ignore
    await expect(overtaken.accepted(deadlineIn(10))).rejects.toThrowWithCode('SecretUnavailable');
    now += SECOND;
    await overtaken.accepted(DEADLINE);

    end(version('old'));
    await setImmediate();

    expect(texts(await overtaken.accepted(DEADLINE))).toEqual(['one']);
  });

  test('leaves time to use the values that are cached', async () => {
    const responses = [read, never];
    const hanging = new SigningSecret(async () => responses.shift()?.(), () => now); // prettier-ignore
    await hanging.accepted(DEADLINE);
    now += 10 * MINUTE;

    expect(texts(await hanging.accepted(deadlineIn(600_000)))).toEqual(['one']);
  });

  test('that fails after all deliveries gave up has no effect', async () => {
    let fail: (error: Error) => void = () => undefined;
    const failing = () => new Promise<undefined>((_resolve, reject) => (fail = reject));
    const late = new SigningSecret(failing, () => now);
    await expect(late.accepted(deadlineIn(10))).rejects.toThrowWithCode('SecretUnavailable');

    fail(new Error('late'));
    await setImmediate();

    expect(await accepted()).toEqual(['one']);
  });
});
