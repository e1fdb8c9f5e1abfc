import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { openMessage, parseMessage } from '../../../lambda/message';
import { RECORD_CONTEXT } from './contexts';
import { uint16 } from './encoding';
import { type Forgery, forge, lp16, WRAPPED } from './forge';

const FULL_FRAMES = [Buffer.alloc(10, 1), Buffer.alloc(10, 2), Buffer.alloc(3, 3)];

describe('reads', () => {
  test.each<[string, Partial<Forgery>]>([
    ['one final frame', { frames: [Buffer.alloc(600, 1)] }],
    ['an empty final frame alone', { frames: [Buffer.alloc(0)] }],
    ['an empty final frame after full ones', { frames: [Buffer.alloc(10, 1), Buffer.alloc(0)], frameLength: 10 }],
    ['a full final frame after full ones', { frames: [Buffer.alloc(10, 1), Buffer.alloc(10, 2)], frameLength: 10 }],
    ['a full final frame alone', { frames: [Buffer.alloc(65_536, 1)] }],
    ['eight data keys', { dataKeys: Array.from({ length: 8 }, () => WRAPPED) }],
    ['a wrapped data key of 6,144 bytes', { dataKeys: [{ ...WRAPPED, ciphertext: Buffer.alloc(6_144) }] }],
    [
      'context names out of order',
      {
        contextBytes: pairs(['b', '1'], ['a', '2']),
        context: new Map([
          ['a', '2'],
          ['b', '1'],
        ]),
      },
    ],
  ])('%s', async (_what, forgery) => {
    const dataKey = randomBytes(32);
    const { frames = [Buffer.from('x')], context = new Map() } = forgery;
    const message = parseMessage(forge({ dataKey, frames, ...forgery }));

    const opened = openMessage(message, dataKey, context);

    expect(opened.equals(Buffer.concat(frames))).toBe(true);
  });

  test('the data keys as they stand in the header', () => {
    const other = { providerId: 'aws-kms', providerInfo: Buffer.from('arn:ß'), ciphertext: Buffer.alloc(184, 1) };

    const { dataKeys } = parseMessage(forged({ dataKeys: [WRAPPED, other] }));

    expect(dataKeys).toEqual([WRAPPED, other]);
  });

  test('a message that is a slice of other memory', async () => {
    const dataKey = randomBytes(32);
    const around = Buffer.concat([
      Buffer.alloc(5),
      forge({ dataKey, frames: FULL_FRAMES, frameLength: 10 }),
      Buffer.alloc(5),
    ]);

    const message = parseMessage(new Uint8Array(around.buffer, around.byteOffset + 5, around.length - 10));

    expect(openMessage(message, dataKey, new Map()).equals(Buffer.concat(FULL_FRAMES))).toBe(true);
  });
});

describe('refuses a header', () => {
  test.each<[string, Partial<Forgery>]>([
    ['of version 1', { version: Buffer.from([1]) }],
    ['of version 3', { version: Buffer.from([3]) }],
    ['of the signing suite 0578', { suite: uint16(0x0578) }],
    ['of suite 0178, without commitment', { suite: uint16(0x0178) }],
    ['of an unknown suite', { suite: uint16(0x0479) }],
    ['of an unframed body', { contentType: 1 }],
    ['of an unknown content type', { contentType: 3 }],
    ['with frame length 0', { frameLength: 0, frames: [Buffer.alloc(0)] }],
    ['with a frame length over 65,536', { frameLength: 65_537 }],
    ['without data keys', { dataKeys: [] }],
    ['with nine data keys', { dataKeys: Array.from({ length: 9 }, () => WRAPPED) }],
    ['with more data keys than its count', { dataKeys: [WRAPPED, WRAPPED], dataKeyCount: 1 }],
    ['with fewer data keys than its count', { dataKeyCount: 2 }],
    ['with a wrapped data key over 6,144 bytes', { dataKeys: [{ ...WRAPPED, ciphertext: Buffer.alloc(6_145) }] }],
    ['whose context has a name twice', { contextBytes: pairs(['a', '1'], ['a', '2']) }],
    ['whose context has a reserved name', { context: new Map([['aws-crypto-public-key', 'x']]) }],
    ['whose context counts no pairs', { contextBytes: uint16(0) }],
    ['whose context counts more pairs than it has', { contextBytes: Buffer.concat([uint16(2), pair('a', '1')]) }],
    ['whose context has bytes after its pairs', { contextBytes: Buffer.concat([pairs(['a', '1']), Buffer.from([0])]) }],
    ['whose context is one byte', { contextBytes: Buffer.from([0]) }],
    ['whose context is over 8,192 bytes', { contextBytes: pairs(['a', 'x'.repeat(8_186)]) }],
    ['whose context has a name that is not UTF-8', { contextBytes: malformed(Buffer.from([0xc3, 0x28])) }],
    ['whose context has an overlong name', { contextBytes: malformed(Buffer.from([0xc1, 0x81])) }],
    ['whose context has a surrogate in its name', { contextBytes: malformed(Buffer.from([0xed, 0xa0, 0x80])) }],
    ['whose context has half a character', { contextBytes: malformed(Buffer.from([0xf0, 0x9f, 0x98])) }],
  ])('%s', (_what, forgery) => {
    const message = forged(forgery);

    expect(() => parseMessage(message)).toThrowWithCode('MessageCorrupt');
  });

  test('whose provider id is not UTF-8', () => {
    const message = forged({});
    message[message.indexOf('test-namespace')] = 0xff;

    expect(() => parseMessage(message)).toThrowWithCode('MessageCorrupt');
  });
});

describe('refuses a body', () => {
  test.each<[string, Partial<Forgery>]>([
    ['with bytes after the final frame', { trailing: Buffer.from([0]) }],
    ['with a frame after the final frame', { trailing: Buffer.alloc(60) }],
    ['without a final frame', { noFinalFrame: true, frames: [Buffer.alloc(10)], frameLength: 10 }],
    ['without frames', { frames: [] }],
    ['whose first frame is 0', { sequenceOf: (i) => i }],
    ['whose first frame is 2', { sequenceOf: (i) => i + 2 }],
    ['whose frames have a gap', { sequenceOf: (i) => (i < 2 ? i + 1 : i + 2) }],
    ['whose frames repeat a number', { sequenceOf: (i) => (i === 1 ? 1 : i + 1) }],
    ['whose final frame repeats a number', { sequenceOf: (i) => Math.min(i + 1, 2) }],
    ['with a short frame before the last', { frames: [Buffer.alloc(9), Buffer.alloc(3)] }],
    ['with a long frame before the last', { frames: [Buffer.alloc(11), Buffer.alloc(3)] }],
    ['whose final frame is over the frame length', { frames: [Buffer.alloc(11)] }],
    [
      'whose IV is not its sequence number',
      { ivOf: (i) => Buffer.concat([Buffer.alloc(8), Buffer.from([0, 0, 1, i + 1])]) },
    ],
    ['whose IV has other leading bytes', { ivOf: (i) => Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i + 1]) }],
    ['whose IV has other middle bytes', { ivOf: (i) => Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, i + 1]) }],
  ])('%s', (_what, forgery) => {
    const message = forged({ frames: FULL_FRAMES, frameLength: 10, ...forgery });

    expect(() => parseMessage(message)).toThrowWithCode('MessageCorrupt');
  });

  test('of more than 65,536 bytes of plaintext', () => {
    const message = forged({ frames: [Buffer.alloc(65_536), Buffer.alloc(1)] });

    expect(() => parseMessage(message)).toThrowWithCode('MessageCorrupt');
  });
});

test('refuses a message over 72 KiB before it reads anything', () => {
  const dataKeys = Array.from({ length: 2 }, () => ({ ...WRAPPED, ciphertext: Buffer.alloc(6_144) }));
  const message = forged({ dataKeys, frames: [Buffer.alloc(65_536)] });

  expect(message.length).toBeGreaterThan(72 * 1024);
  expect(() => parseMessage(message)).toThrowWithCode('MessageCorrupt');
});

test('refuses a message of one byte over 72 KiB, and reads one of 72 KiB', () => {
  const most = sizedMessage(72 * 1024);
  const more = sizedMessage(72 * 1024 + 1);

  expect(parseMessage(most).plaintextLength).toBe(65_536);
  expect(() => parseMessage(more)).toThrow('expected a message of at most 73728 bytes, got 73729');
});

/** Returns a message that exceeds no other limit; a provider's info fills its length. */
function sizedMessage(length: number): Buffer {
  const sized = (info: number): Buffer =>
    forged({ dataKeys: [{ ...WRAPPED, providerInfo: Buffer.alloc(info) }], frames: [Buffer.alloc(65_536)] });
  return sized(length - sized(0).length);
}

test('refuses no bytes at all', () => {
  expect(() => parseMessage(new Uint8Array())).toThrowWithCode('MessageCorrupt');
});

test('quotes nothing of a message in its errors', () => {
  const message = forged({ context: new Map([...RECORD_CONTEXT, ['aws-crypto-marker', 'marker']]) });

  expect(() => parseMessage(message)).toThrow(/^expected no reserved context names, got one$/);
});

function forged(forgery: Partial<Forgery>): Buffer {
  return forge({ dataKey: randomBytes(32), frames: [Buffer.from('x')], ...forgery });
}

function pairs(...all: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat([uint16(all.length), ...all.map(([name, value]) => pair(name, value))]);
}

function pair(name: string, value: string): Buffer {
  return Buffer.concat([lp16(Buffer.from(name)), lp16(Buffer.from(value))]);
}

/** Returns one pair with these bytes as its name. */
function malformed(name: Buffer): Buffer {
  return Buffer.concat([uint16(1), lp16(name), lp16(Buffer.from('value'))]);
}
