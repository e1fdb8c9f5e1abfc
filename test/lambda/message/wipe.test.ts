import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import crypto from 'node:crypto';
import { openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { RECORD_CONTEXT } from './contexts';
import { forge, WRAPPED } from './forge';

/** The output of one `Cipher.update`. */
interface Update {
  readonly output: Buffer;
  /** its bytes at that time, of which the cipher frees another copy */
  readonly freed: Buffer;
}

/** Buffers that held a key, captured at their creation. */
let digests: Buffer[] = [];
let updates: Update[] = [];
/** buffers that join frames */
let wholes: Buffer[] = [];

beforeEach(() => {
  digests = [];
  updates = [];
  wholes = [];
  watch(crypto, 'createHmac', (hmac) => watch(hmac, 'digest', (it) => digests.push(it as Buffer)));
  watch(crypto, 'createCipheriv', (cipher) => watch(cipher, 'update', (it) => updates.push(updateOf(it as Buffer))));
  jest.spyOn(crypto, 'createDecipheriv');
  watch(Buffer, 'from', (it) => (it as Buffer).buffer.byteLength === WHOLE_BYTES && wholes.push(it as Buffer));
});

function updateOf(output: Buffer): Update {
  return { output, freed: Buffer.concat([output]) };
}

afterEach(() => {
  jest.restoreAllMocks();
});

const DATA_KEY = crypto.randomBytes(32);
const FRAMES = [Buffer.from('ten bytes.'), Buffer.from('and others'), Buffer.from('five.')];
const WHOLE_BYTES = 25;

describe('leaves no derived key behind', () => {
  test('after writing', () => {
    writeMessage({ plaintext: Buffer.alloc(9, 1), dataKey: DATA_KEY, wrapped: [WRAPPED], context: RECORD_CONTEXT });

    expect(digests.map(isWiped)).toEqual([true, true, true]);
  });

  test('after opening', async () => {
    openMessage(parseMessage(threeFrames()), DATA_KEY, new Map());

    expect(digests.map(isWiped)).toEqual([true, true, true]);
  });

  test('after refusing another data key', async () => {
    expect(() => openMessage(parseMessage(threeFrames()), crypto.randomBytes(32), new Map())).toThrow();

    expect(digests.map(isWiped)).toEqual([true, true, true]);
  });

  test('after failing to write', () => {
    jest.spyOn(crypto, 'createCipheriv').mockImplementation(() => {
      throw new Error('no cipher');
    });
    const input = { plaintext: Buffer.alloc(9), dataKey: DATA_KEY, wrapped: [WRAPPED], context: RECORD_CONTEXT };

    expect(() => writeMessage(input)).toThrow('no cipher');

    expect(digests.map(isWiped)).toEqual([true, true, true]);
  });
});

describe('leaves no plaintext behind', () => {
  test('but in the result', () => {
    const opened = openMessage(parseMessage(threeFrames()), DATA_KEY, new Map());

    expect(opened.equals(Buffer.concat(FRAMES))).toBe(true);
    expect(decrypted().map(({ output }) => isWiped(output))).toEqual([true, true, true]);
    expect(wholes).toEqual([opened]);
  });

  test('in memory that a cipher frees', () => {
    openMessage(parseMessage(threeFrames()), DATA_KEY, new Map());

    expect(updates).toHaveLength(6);
    expect(updates.filter(({ freed }) => FRAMES.some((frame) => frame.equals(freed)))).toEqual([]);
    expect(crypto.createDecipheriv).not.toHaveBeenCalled();
  });

  test('in a key stream: what a cipher frees differs if the same message is opened again', () => {
    const message = parseMessage(threeFrames());
    const [first, again] = [1, 2].map(() => {
      updates = [];
      openMessage(message, DATA_KEY, new Map());
      return decrypted().map(({ freed }) => freed);
    });

    expect(first).toHaveLength(3);
    expect(first?.filter((freed, i) => again?.[i]?.equals(freed))).toEqual([]);
  });

  test('if the last frame does not fit its tag', () => {
    const message = threeFrames();
    message.writeUInt8(message.readUInt8(message.length - 1) ^ 1, message.length - 1);

    expect(() => openMessage(parseMessage(message), DATA_KEY, new Map())).toThrowWithCode('MessageCorrupt');

    expect(decrypted().map(({ output }) => isWiped(output))).toEqual([true, true, true]);
    expect(wholes.map(isWiped)).toEqual([true]);
  });

  test('if the tag of a frame can not be computed', () => {
    const message = parseMessage(threeFrames());
    const create = jest.mocked(crypto.createCipheriv);
    const watched = create.getMockImplementation();
    if (watched === undefined) throw new TypeError('expected a watched createCipheriv, got another');
    // those of the header and of the first frame's decryption work
    create
      .mockImplementationOnce(watched)
      .mockImplementationOnce(watched)
      .mockImplementation(() => {
        throw new Error('no cipher');
      });

    expect(() => openMessage(message, DATA_KEY, new Map())).toThrow('no cipher');

    expect(decrypted().map(({ output }) => isWiped(output))).toEqual([true]);
  });
});

test('decrypts nothing before the commitment is compared', () => {
  const message = parseMessage(
    forge({ dataKey: DATA_KEY, frames: FRAMES, frameLength: 10, commitment: Buffer.alloc(32) }),
  );
  jest.mocked(crypto.createCipheriv).mockClear();

  expect(() => openMessage(message, DATA_KEY, new Map())).toThrow(/commitment/);

  expect(crypto.createCipheriv).not.toHaveBeenCalled();
});

test('compares the commitment and every tag in constant time', () => {
  const compare = jest.spyOn(crypto, 'timingSafeEqual');
  const bytes = threeFrames();
  const message = parseMessage(bytes);

  openMessage(message, DATA_KEY, new Map());

  const claimed = compare.mock.calls.map(([, it]) => Buffer.from(it as Uint8Array));
  expect(claimed.slice(0, 2)).toEqual([message.commitment, message.headerTag]);
  expect(claimed.slice(2)).toHaveLength(3);
  expect(claimed.at(-1)).toEqual(bytes.subarray(-16));
});

test('decrypts no frame before the header is verified', () => {
  const message = threeFrames();
  const { header } = parseMessage(message);
  message.writeUInt8(message.readUInt8(header.length) ^ 1, header.length);

  expect(() => openMessage(parseMessage(message), DATA_KEY, new Map())).toThrow(/header/);

  expect(updates).toEqual([]);
});

test('uses tags of 16 bytes in every cipher', () => {
  const message = parseMessage(threeFrames());

  openMessage(message, DATA_KEY, new Map());

  const options = jest.mocked(crypto.createCipheriv).mock.calls.map((call) => call[3]);
  expect(options).toEqual(new Array(7).fill({ authTagLength: 16 }));
});

/** Returns the updates that decrypted a frame: each is followed by one that encrypts the frame again. */
function decrypted(): readonly Update[] {
  return updates.filter((_, i) => i % 2 === 0);
}

/** Returns a message, and forgets what its making did. */
function threeFrames(): Buffer {
  const message = forge({ dataKey: DATA_KEY, frames: FRAMES, frameLength: 10 });
  updates = [];
  digests = [];
  jest.mocked(crypto.createCipheriv).mockClear();
  return message;
}

function isWiped(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Calls the original function, and reports its result. */
function watch(target: unknown, method: string, see: (result: unknown) => void): void {
  const holder = target as Record<string, (...args: unknown[]) => unknown>;
  const original = holder[method];
  if (original === undefined) throw new TypeError(`expected a method ${method}, got none`);
  jest.spyOn(holder, method).mockImplementation(function (this: unknown, ...args) {
    const result = original.apply(this, args);
    see(result);
    return result;
  });
}
