import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { CONTEXTS, RECORD_CONTEXT } from './contexts';
import { esdkDecrypt, esdkEncrypt, unwrapDataKey, wrapDataKey, wrappingKeys } from '../../../tools/esdk';

const LENGTHS = [0, 1, 15, 16, 17, 600, 4_095, 4_096, 4_097, 32_768, 65_535, 65_536];

describe('the AWS Encryption SDK opens what we write', () => {
  test.each(LENGTHS)('of %d bytes', async (length) => {
    const { plaintext, keys, message } = written(length, 1);

    const opened = await esdkDecrypt(message, keys);

    expect(opened.plaintext.equals(plaintext)).toBe(true);
  });

  test.each(CONTEXTS)('bound to %s', async (_name, context) => {
    const { plaintext, keys, message } = written(600, 1, context);

    const opened = await esdkDecrypt(message, keys);

    expect(opened.plaintext.equals(plaintext)).toBe(true);
    expect(opened.context).toEqual(context);
  });

  test.each([0, 1, 2])('with the key at place %d of three', async (place) => {
    const { plaintext, keys, message } = written(600, 3);

    const opened = await esdkDecrypt(message, keys.slice(place, place + 1));

    expect(opened.plaintext.equals(plaintext)).toBe(true);
  });

  test('but not with another wrapping key', async () => {
    const { message } = written(600, 1);

    await expect(esdkDecrypt(message, wrappingKeys(1))).rejects.toThrow();
  });
});

describe('we open what the AWS Encryption SDK writes', () => {
  test.each(LENGTHS)('of %d bytes in one frame', async (length) => {
    await expectOpened({ length, frameLength: 65_536 });
  });

  test.each(LENGTHS)('of %d bytes in its frames of 4,096', async (length) => {
    await expectOpened({ length });
  });

  test.each([
    // frames of 100: the last one is full but for a byte, empty, of one byte; many; and of one byte each
    { length: 99, frameLength: 100 },
    { length: 100, frameLength: 100 },
    { length: 101, frameLength: 100 },
    { length: 299, frameLength: 100 },
    { length: 300, frameLength: 100 },
    { length: 301, frameLength: 100 },
    { length: 20_000, frameLength: 100 },
    { length: 200, frameLength: 1 },
  ])('of $length bytes in frames of $frameLength', async (shape) => {
    await expectOpened(shape);
  });

  test.each(CONTEXTS)('bound to %s', async (_name, context) => {
    await expectOpened({ length: 600, context });
  });

  test.each([1, 2, 3])('with %d data keys, by each', async (count) => {
    const keys = wrappingKeys(count);
    const plaintext = randomBytes(600);
    const message = parseMessage(await esdkEncrypt({ plaintext, keys, context: RECORD_CONTEXT }));

    const opened = message.dataKeys.map((wrapped, i) =>
      openMessage(message, unwrapDataKey(wrapped, keys[i] ?? missing(), RECORD_CONTEXT), RECORD_CONTEXT),
    );

    expect(opened).toEqual(keys.map(() => plaintext));
  });
});

test('our header has the order of context names that the AWS Encryption SDK has', async () => {
  const context = new Map([
    ['\u{1f600}', 'astral'],
    ['\uff5e', 'basic'],
    ['z', ''],
    ['é', ''],
  ]);
  const { message } = written(1, 1, context);
  const theirs = parseMessage(await esdkEncrypt({ plaintext: randomBytes(1), keys: wrappingKeys(1), context }));

  const ours = parseMessage(message);

  expect([...ours.context]).toEqual([...theirs.context]);
});

function written(length: number, keyCount: number, context = RECORD_CONTEXT) {
  const plaintext = randomBytes(length);
  const dataKey = randomBytes(32);
  const keys = wrappingKeys(keyCount);
  const wrapped = keys.map((key) => wrapDataKey(dataKey, key, context));
  return { plaintext, keys, message: writeMessage({ plaintext, dataKey, wrapped, context }) };
}

interface Shape {
  readonly length: number;
  readonly frameLength?: number;
  readonly context?: ReadonlyMap<string, string>;
}

async function expectOpened({ length, frameLength, context = RECORD_CONTEXT }: Shape): Promise<void> {
  const plaintext = randomBytes(length);
  const keys = wrappingKeys(1);
  const input = { plaintext, keys, context, ...(frameLength !== undefined && { frameLength }) };
  const message = parseMessage(await esdkEncrypt(input));
  const dataKey = unwrapDataKey(message.dataKeys[0] ?? missing(), keys[0] ?? missing(), context);

  const opened = openMessage(message, dataKey, context);

  expect(opened.equals(plaintext)).toBe(true);
}

function missing(): never {
  throw new RangeError('expected as many keys as were made');
}
