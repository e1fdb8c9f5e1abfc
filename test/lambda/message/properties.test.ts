import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { MessageError, openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { esdkDecrypt, wrapDataKey, wrappingKeys } from '../../../tools/esdk';
import { forge, WRAPPED } from './forge';

const SLOW = process.env.SHARE_VAULT_SLOW_TESTS !== undefined;
const RUNS = { numRuns: SLOW ? 20_000 : 200 };
jest.setTimeout(600_000);

// as long as 20 pairs, 8 keys and a plaintext of the longest kind still make a message of at most 72 KiB
const text = fc.string({ unit: 'binary', maxLength: 25 });
const name = text.filter((it) => !it.startsWith('aws-crypto-'));
const context = fc.array(fc.tuple(name, text), { maxLength: 20 }).map((pairs) => new Map(pairs));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });
const dataKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const plaintext = fc.oneof({ weight: 9, arbitrary: bytes(1_000) }, { weight: 1, arbitrary: bytes(65_536) });
const wrapped = fc.array(
  fc.record({
    providerId: text,
    providerInfo: bytes(100).map((it) => Buffer.from(it)),
    ciphertext: bytes(200).map((it) => Buffer.from(it)),
  }),
  { minLength: 1, maxLength: 8 },
);
const input = fc.record({ plaintext, dataKey, wrapped, context });

describe('for any plaintext, data key, wrapped keys and context', () => {
  test('open undoes write', async () => {
    const property = fc.asyncProperty(input, async (it) => {
      const message = parseMessage(writeMessage(it));
      const opened = openMessage(message, it.dataKey, it.context);
      expect(opened.equals(it.plaintext)).toBe(true);
      expect(message.dataKeys).toEqual(it.wrapped);
      expect(message.context).toEqual(it.context);
    });
    await fc.assert(property, RUNS);
  });

  test('the AWS Encryption SDK opens what write wrote', async () => {
    // its objects can't hold this name
    const property = fc.asyncProperty(input, async ({ plaintext, dataKey, context }) => {
      context.delete('__proto__');
      const keys = wrappingKeys(1);
      const wrapped = keys.map((key) => wrapDataKey(Buffer.from(dataKey), key, context));
      const opened = await esdkDecrypt(writeMessage({ plaintext, dataKey, wrapped, context }), keys);
      expect(opened.plaintext.equals(plaintext)).toBe(true);
      expect(opened.context).toEqual(context);
    });
    await fc.assert(property, RUNS);
  });

  test('open reads frames of any length', async () => {
    const frames = fc.tuple(fc.integer({ min: 1, max: 300 }), bytes(1_500)).map(([frameLength, whole]) => {
      const count = Math.ceil(whole.length / frameLength);
      const cut = Array.from({ length: count }, (_, i) => whole.slice(i * frameLength, (i + 1) * frameLength));
      return { frameLength, whole, frames: count === 0 ? [Buffer.alloc(0)] : cut.map((it) => Buffer.from(it)) };
    });
    const property = fc.asyncProperty(
      dataKey,
      context,
      frames,
      async (key, context, { frameLength, whole, frames }) => {
        const message = forge({ dataKey: Buffer.from(key), context, frames, frameLength });
        const opened = openMessage(parseMessage(message), key, context);
        expect(opened.equals(whole)).toBe(true);
      },
    );
    await fc.assert(property, RUNS);
  });
});

describe('for any bytes', () => {
  test('the reader returns or refuses, and never fails otherwise', async () => {
    const prefix = Buffer.from('020478', 'hex');
    const noise = fc.oneof(
      bytes(2_000),
      bytes(2_000).map((it) => Buffer.concat([prefix, it])),
    );
    const property = fc.asyncProperty(noise, dataKey, async (it, key) => {
      expect(await refusal(it, key, new Map())).toBeInstanceOf(MessageError);
    });
    await fc.assert(property, RUNS);
  });

  test('a message with any part replaced does not open', async () => {
    const original = { dataKey: Buffer.alloc(32, 1), context: new Map([['chain', 'EVM']]) };
    const message = writeMessage({ ...original, plaintext: Buffer.alloc(40), wrapped: [WRAPPED] });
    const splice = fc
      .tuple(fc.nat(message.length), fc.nat(message.length), bytes(50))
      .map(([from, to, part]) =>
        Buffer.concat([message.subarray(0, Math.min(from, to)), part, message.subarray(Math.max(from, to))]),
      )
      .filter((it) => !it.equals(message));
    const property = fc.asyncProperty(splice, async (it) => {
      expect(await refusal(it, original.dataKey, original.context)).toBeInstanceOf(MessageError);
    });
    await fc.assert(property, RUNS);
  });
});

async function refusal(message: Uint8Array, key: Uint8Array, expected: ReadonlyMap<string, string>): Promise<unknown> {
  try {
    return openMessage(parseMessage(message), key, expected);
  } catch (error) {
    return error;
  }
}
