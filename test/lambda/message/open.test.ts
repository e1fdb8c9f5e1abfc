import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { openMessage, parseMessage, requireContext, writeMessage } from '../../../lambda/message';
import { RECORD_CONTEXT } from './contexts';
import { forge, WRAPPED } from './forge';

const PLAINTEXT = Buffer.from('a share');

describe('a message bound to one context refuses', () => {
  test.each<[string, ReadonlyMap<string, string>]>([
    ['no context', new Map()],
    ['a pair less', without('chain')],
    ['a pair more', new Map([...RECORD_CONTEXT, ['extra', '']])],
    ['another value', new Map([...RECORD_CONTEXT, ['owner', 'another']])],
    ['another value of the same bytes in another case', new Map([...RECORD_CONTEXT, ['chain', 'evm']])],
    ['another name in place of one', new Map([...without('chain'), ['chains', 'EVM']])],
    ['two values swapped', new Map([...RECORD_CONTEXT, ['chain', 'dev'], ['environment', 'EVM']])],
  ])('%s', async (_what, expected) => {
    const { message, dataKey } = sealed();

    expect(() => requireContext(message, expected)).toThrowWithCode('ContextMismatch');
    expect(() => openMessage(message, dataKey, expected)).toThrowWithCode('ContextMismatch');
  });

  test('no context whose names are in another order', async () => {
    const { message, dataKey } = sealed();
    const reversed = new Map([...RECORD_CONTEXT].reverse());

    expect(openMessage(message, dataKey, reversed).equals(PLAINTEXT)).toBe(true);
  });
});

test('an unbound message refuses a context', async () => {
  const dataKey = randomBytes(32);
  const message = parseMessage(forge({ dataKey, frames: [PLAINTEXT] }));

  expect(() => openMessage(message, dataKey, RECORD_CONTEXT)).toThrowWithCode('ContextMismatch');
});

describe('refuses a data key', () => {
  test.each([0, 16, 31, 33, 64])('of %d bytes', async (length) => {
    const { message } = sealed();

    expect(() => openMessage(message, randomBytes(length), RECORD_CONTEXT)).toThrow(/^expected a data key of 32 bytes/);
    expect(() => openMessage(message, randomBytes(length), RECORD_CONTEXT)).toThrowWithCode('MessageCorrupt');
  });

  test('of another message by its commitment', async () => {
    const { message } = sealed();

    expect(() => openMessage(message, randomBytes(32), RECORD_CONTEXT)).toThrow(/commitment/);
    expect(() => openMessage(message, randomBytes(32), RECORD_CONTEXT)).toThrowWithCode('MessageCorrupt');
  });
});

test('refuses a foreign commitment although every tag fits', async () => {
  const dataKey = randomBytes(32);
  const message = parseMessage(forge({ dataKey, frames: [PLAINTEXT], commitment: randomBytes(32) }));

  expect(() => openMessage(message, dataKey, new Map())).toThrow(/commitment/);
});

test('refuses frames of another message under the same data key', async () => {
  const dataKey = randomBytes(32);
  const [one, other] = [1, 2].map((fill) => parseMessage(forge({ dataKey, frames: [Buffer.alloc(9, fill)] })));

  const mixed = { ...one, body: other?.body } as ReturnType<typeof parseMessage>;

  expect(() => openMessage(mixed, dataKey, new Map())).toThrowWithCode('MessageCorrupt');
});

test('refuses two frames that changed places', () => {
  const dataKey = randomBytes(32);
  const frames = [Buffer.alloc(10, 1), Buffer.alloc(10, 2), Buffer.alloc(0)];
  const swap = [2, 1, 3];
  const sequenceOf = (index: number): number => swap[index] ?? 0;
  const bytes = forge({ dataKey, frames, frameLength: 10, sequenceOf });

  expect(() => parseMessage(bytes)).toThrowWithCode('MessageCorrupt');
});

test('refuses a regular frame that claims to be the final one', async () => {
  // the same plaintext and numbers, but with the tag of a regular frame
  const dataKey = randomBytes(32);
  const bytes = forge({ dataKey, frames: [Buffer.alloc(10, 1), Buffer.alloc(0)], frameLength: 10 });
  const regular = bytes.subarray(-(4 + 12 + 10 + 16 + 4 + 4 + 12 + 4 + 16), -(4 + 4 + 12 + 4 + 16));
  const final = Buffer.concat([
    Buffer.alloc(4, 0xff),
    regular.subarray(0, 16),
    Buffer.from([0, 0, 0, 10]),
    regular.subarray(16),
  ]);
  const message = { ...parseMessage(bytes), body: final, plaintextLength: 10 };

  expect(() => openMessage(message, dataKey, new Map())).toThrow(/frame 1/);
});

test('refuses a message whose plaintext is not of the length that was read', async () => {
  const { message, dataKey } = sealed();
  const changed = { ...message, plaintextLength: message.plaintextLength + 1 };

  expect(() => openMessage(changed, dataKey, RECORD_CONTEXT)).toThrowWithCode('MessageCorrupt');
});

test('returns memory of its own, no slice of the shared pool', async () => {
  const { message, dataKey } = sealed();

  const opened = openMessage(message, dataKey, RECORD_CONTEXT);

  expect(opened.buffer.byteLength).toBe(opened.length);
});

test('leaves its inputs as they were', async () => {
  const dataKey = randomBytes(32);
  const plaintext = Buffer.from(PLAINTEXT);
  const before = Buffer.from(dataKey);
  const bytes = writeMessage({ plaintext, dataKey, wrapped: [WRAPPED], context: RECORD_CONTEXT });
  const copy = Buffer.from(bytes);

  openMessage(parseMessage(bytes), dataKey, RECORD_CONTEXT);

  expect([dataKey, plaintext, bytes]).toEqual([before, PLAINTEXT, copy]);
});

function sealed() {
  const dataKey = randomBytes(32);
  const bytes = writeMessage({ plaintext: PLAINTEXT, dataKey, wrapped: [WRAPPED], context: RECORD_CONTEXT });
  return { message: parseMessage(bytes), dataKey };
}

function without(name: string): ReadonlyMap<string, string> {
  return new Map([...RECORD_CONTEXT].filter(([other]) => other !== name));
}
