import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { MessageError, openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { RECORD_CONTEXT } from './contexts';
import { esdkEncrypt, unwrapDataKey, wrappingKeys } from '../../../tools/esdk';
import { forge, WRAPPED } from './forge';

interface Sealed {
  readonly bytes: Buffer;
  readonly dataKey: Buffer;
}

/** The result of reading: a refusal's code, or a forbidden success. */
type Outcome = 'MessageCorrupt' | 'ContextMismatch' | 'opened' | 'crashed';

const SHAPES: readonly (readonly [string, () => Sealed | Promise<Sealed>])[] = [
  ['a single frame', singleFrame],
  ['an empty single frame', () => singleFrame(0)],
  ['several frames', severalFrames],
  ['several frames of which the last is full', fullFrames],
];

describe.each(SHAPES)('of %s', (_shape, make) => {
  test('the message itself opens', async () => {
    const { bytes, dataKey } = await make();

    expect(await outcome(bytes, dataKey)).toBe('opened');
  });

  test('every flip of a single bit is refused with a code', async () => {
    const { bytes, dataKey } = await make();
    const flips = Array.from({ length: bytes.length * 8 }, (_, bit) => flip(bytes, bit));

    expect(await outcomes(flips, dataKey)).toEqual(new Set(['MessageCorrupt', 'ContextMismatch']));
  });

  test('every truncation is refused as corrupt', async () => {
    const { bytes, dataKey } = await make();
    const truncations = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));

    expect(await outcomes(truncations, dataKey)).toEqual(new Set(['MessageCorrupt']));
  });

  test('every beginning that is left away is refused as corrupt', async () => {
    const { bytes, dataKey } = await make();
    const rests = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(length + 1));

    expect(await outcomes(rests, dataKey)).toEqual(new Set(['MessageCorrupt']));
  });

  test('every byte that is left out is refused with a code', async () => {
    const { bytes, dataKey } = await make();
    const gaps = Array.from({ length: bytes.length }, (_, at) =>
      Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
    );

    expect((await outcomes(gaps, dataKey)).has('opened')).toBe(false);
    expect((await outcomes(gaps, dataKey)).has('crashed')).toBe(false);
  });

  test('any bytes after it are refused as corrupt', async () => {
    const { bytes, dataKey } = await make();
    const longer = [Buffer.from([0]), randomBytes(16), bytes].map((more) => Buffer.concat([bytes, more]));

    expect(await outcomes(longer, dataKey)).toEqual(new Set(['MessageCorrupt']));
  });
});

async function outcomes(messages: readonly Uint8Array[], dataKey: Buffer): Promise<ReadonlySet<Outcome>> {
  return new Set(await Promise.all(messages.map((bytes) => outcome(bytes, dataKey))));
}

async function outcome(bytes: Uint8Array, dataKey: Buffer): Promise<Outcome> {
  try {
    openMessage(parseMessage(bytes), dataKey, RECORD_CONTEXT);
    return 'opened';
  } catch (error) {
    return error instanceof MessageError ? error.name : 'crashed';
  }
}

function flip(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return flipped;
}

function singleFrame(length = 60): Sealed {
  const dataKey = randomBytes(32);
  const wrapped = [{ ...WRAPPED, ciphertext: randomBytes(48) }];
  const plaintext = randomBytes(length);
  return { bytes: writeMessage({ plaintext, dataKey, wrapped, context: RECORD_CONTEXT }), dataKey };
}

async function severalFrames(): Promise<Sealed> {
  const keys = wrappingKeys(1);
  const bytes = await esdkEncrypt({ plaintext: randomBytes(50), keys, context: RECORD_CONTEXT, frameLength: 20 });
  const [wrapped] = parseMessage(bytes).dataKeys;
  const [key] = keys;
  if (wrapped === undefined || key === undefined) throw new RangeError('expected a data key, got none');
  return { bytes, dataKey: unwrapDataKey(wrapped, key, RECORD_CONTEXT) };
}

/** The ESDK for JavaScript writes no such message: after full frames it adds an empty one. */
function fullFrames(): Sealed {
  const dataKey = randomBytes(32);
  const frames = [randomBytes(20), randomBytes(20)];
  return { bytes: forge({ dataKey, frames, frameLength: 20, context: RECORD_CONTEXT }), dataKey };
}
