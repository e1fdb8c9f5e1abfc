import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { LIMITS } from '../../../lambda/contract/limits';
import { openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { MAX_PLAINTEXT_BYTES } from '../../../lambda/message/format';
import { RECORD_CONTEXT } from './contexts';
import { WRAPPED } from './forge';

const INPUT = {
  plaintext: Buffer.from('a share'),
  dataKey: randomBytes(32),
  wrapped: [WRAPPED],
  context: RECORD_CONTEXT,
};

test('accepts the longest material', () => {
  expect(MAX_PLAINTEXT_BYTES).toBe(LIMITS.materialBytes);
});

test('writes one final frame, number 1, of its own length', () => {
  const { body, frameLength } = parseMessage(writeMessage(INPUT));

  expect(frameLength).toBe(65_536);
  expect(Buffer.from(body).subarray(0, 24).toString('hex')).toBe(
    'ffffffff' + '00000001' + '000000000000000000000001' + '00000007',
  );
});

test('writes the header fields as documented', () => {
  const message = writeMessage({
    ...INPUT,
    context: new Map([
      ['b', '2'],
      ['a', '1'],
    ]),
  });

  expect(message.subarray(0, 3).toString('hex')).toBe('020478');
  expect(message.subarray(35, 51).toString('hex')).toBe('000e0002000161000131000162000132');
});

test('never uses a message id again', () => {
  const ids = Array.from({ length: 50 }, () => writeMessage(INPUT).subarray(3, 35).toString('hex'));

  expect(new Set(ids).size).toBe(50);
});

test('keeps no part of the plaintext in the message', () => {
  const plaintext = randomBytes(64);

  expect(writeMessage({ ...INPUT, plaintext }).includes(plaintext.subarray(0, 8))).toBe(false);
});

describe('throws RangeError for', () => {
  test.each<[string, Partial<Parameters<typeof writeMessage>[0]>]>([
    ['a plaintext over 65,536 bytes', { plaintext: Buffer.alloc(65_537) }],
    ['a data key of 31 bytes', { dataKey: Buffer.alloc(31) }],
    ['a data key of 33 bytes', { dataKey: Buffer.alloc(33) }],
    ['no wrapped data key', { wrapped: [] }],
    ['nine wrapped data keys', { wrapped: Array.from({ length: 9 }, () => WRAPPED) }],
    ['a wrapped data key over 6,144 bytes', { wrapped: [{ ...WRAPPED, ciphertext: Buffer.alloc(6_145) }] }],
    ['a provider id over 65,535 bytes', { wrapped: [{ ...WRAPPED, providerId: 'x'.repeat(65_536) }] }],
    ['a provider info over 65,535 bytes', { wrapped: [{ ...WRAPPED, providerInfo: Buffer.alloc(65_536) }] }],
    ['a context over 8,192 bytes', { context: new Map([['a', 'x'.repeat(8_186)]]) }],
    ['a reserved context name', { context: new Map([['aws-crypto-public-key', '']]) }],
    [
      'a message over 72 KiB',
      {
        plaintext: Buffer.alloc(65_536),
        wrapped: Array.from({ length: 2 }, () => ({ ...WRAPPED, ciphertext: Buffer.alloc(6_144) })),
      },
    ],
  ])('%s', (_what, input) => {
    expect(() => writeMessage({ ...INPUT, ...input })).toThrowWithCode('RangeError');
  });
});

describe('throws TypeError for a lone surrogate in', () => {
  test.each<[string, Partial<Parameters<typeof writeMessage>[0]>]>([
    ['a context name', { context: new Map([['a\ud800', '']]) }],
    ['a context value', { context: new Map([['a', '\udc00']]) }],
    ['a provider id', { wrapped: [{ ...WRAPPED, providerId: '\ud83d' }] }],
  ])('%s', (_what, input) => {
    expect(() => writeMessage({ ...INPUT, ...input })).toThrowWithCode('TypeError');
  });
});

test('writes the largest message that it accepts, and opens it', async () => {
  const input = {
    ...INPUT,
    plaintext: randomBytes(65_536),
    context: new Map([['a', 'x'.repeat(1_000)]]),
    wrapped: [{ ...WRAPPED, ciphertext: randomBytes(6_144) }],
  };
  // the rest of 72 KiB in a provider's info
  const room = 72 * 1024 - writeMessage(input).length + WRAPPED.providerInfo.length;
  const full = {
    ...input,
    wrapped: [{ ...WRAPPED, ciphertext: randomBytes(6_144), providerInfo: Buffer.alloc(room) }],
  };

  const message = writeMessage(full);

  expect(message.length).toBe(72 * 1024);
  expect(openMessage(parseMessage(message), INPUT.dataKey, full.context).equals(input.plaintext)).toBe(true);
});

test('writes the most data keys and the longest context that it accepts, and reads them', async () => {
  const wrapped = Array.from({ length: 8 }, () => WRAPPED);
  // 2 bytes of count, 2 of each length, 1 of the name
  const context = new Map([['a', 'x'.repeat(8_192 - 7)]]);

  const message = parseMessage(writeMessage({ ...INPUT, wrapped, context }));

  expect(message.dataKeys).toHaveLength(8);
  expect(openMessage(message, INPUT.dataKey, context)).toEqual(INPUT.plaintext);
});

test('writes no bytes of an empty context', () => {
  const [empty, one] = [new Map<string, string>(), new Map([['a', '']])].map(
    (context) => writeMessage({ ...INPUT, context }).length,
  );

  expect(one).toBe((empty ?? 0) + 7);
});
