import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import crypto from 'node:crypto';
import { openMessage, parseMessage, writeMessage } from '../../../lambda/message';
import { RECORD_CONTEXT } from './contexts';
import { forge, WRAPPED } from './forge';

/** Buffers that held a key or a plaintext, captured at their creation. */
let digests: Buffer[] = [];
let chunks: Buffer[] = [];
/** the first argument of each decryption */
let algorithms: unknown[] = [];
/** the output of each `Decipher`: it frees a block of memory with the same in it */
let updates: unknown[] = [];
/** buffers that join frames */
let wholes: Buffer[] = [];

beforeEach(() => {
  digests = [];
  chunks = [];
  wholes = [];
  algorithms = [];
  updates = [];
  watch(crypto, 'createHmac', (hmac) => watch(hmac, 'digest', (it) => digests.push(it as Buffer)));
  watch(crypto, 'createDecipheriv', (it) => watch(it, 'update', (out) => updates.push(out)));
  watch(Buffer, 'from', (it) => (it as Buffer).buffer.byteLength === WHOLE_BYTES && wholes.push(it as Buffer));
  const decrypt = crypto.webcrypto.subtle.decrypt.bind(crypto.webcrypto.subtle);
  jest.spyOn(crypto.webcrypto.subtle, 'decrypt').mockImplementation(async (...args) => {
    algorithms.push(args[0]);
    const chunk = await decrypt(...args);
    chunks.push(Buffer.from(chunk));
    return chunk;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

const DATA_KEY = crypto.randomBytes(32);
const FRAMES = [Buffer.alloc(10, 1), Buffer.alloc(10, 2), Buffer.alloc(5, 3)];
const WHOLE_BYTES = 25;

describe('leaves no derived key behind', () => {
  test('after writing', () => {
    writeMessage({ plaintext: Buffer.alloc(9, 1), dataKey: DATA_KEY, wrapped: [WRAPPED], context: RECORD_CONTEXT });

    expect(digests.map(isWiped)).toEqual([true, true, true]);
  });

  test('after opening', async () => {
    await openMessage(parseMessage(threeFrames()), DATA_KEY, new Map());

    expect(digests.map(isWiped)).toEqual([true, true, true]);
  });

  test('after refusing another data key', async () => {
    await expect(openMessage(parseMessage(threeFrames()), crypto.randomBytes(32), new Map())).rejects.toThrow();

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
  test('but in the result', async () => {
    const opened = await openMessage(parseMessage(threeFrames()), DATA_KEY, new Map());

    expect(opened.equals(Buffer.concat(FRAMES))).toBe(true);
    expect(chunks.map(isWiped)).toEqual([true, true, true]);
    expect(wholes).toEqual([opened]);
    expect(updates).toEqual([]);
  });

  test('if the last frame does not fit its tag', async () => {
    const message = threeFrames();
    message.writeUInt8(message.readUInt8(message.length - 1) ^ 1, message.length - 1);

    await expect(openMessage(parseMessage(message), DATA_KEY, new Map())).rejects.toThrowWithCode('MessageCorrupt');

    // the reader never returned the third one
    expect(chunks.map(isWiped)).toEqual([true, true]);
    expect(wholes.map(isWiped)).toEqual([true]);
  });
});

test('decrypts nothing before the commitment is compared', async () => {
  const message = parseMessage(
    forge({ dataKey: DATA_KEY, frames: FRAMES, frameLength: 10, commitment: Buffer.alloc(32) }),
  );

  await expect(openMessage(message, DATA_KEY, new Map())).rejects.toThrow(/commitment/);

  expect(crypto.createDecipheriv).not.toHaveBeenCalled();
});

test('compares the commitment in constant time', async () => {
  const compare = jest.spyOn(crypto, 'timingSafeEqual');
  const message = parseMessage(threeFrames());

  await openMessage(message, DATA_KEY, new Map());

  expect(compare.mock.calls.map(([, claimed]) => claimed)).toEqual([message.commitment]);
});

test('decrypts no frame before the header is verified', async () => {
  const message = threeFrames();
  const { header } = parseMessage(message);
  message.writeUInt8(message.readUInt8(header.length) ^ 1, header.length);

  await expect(openMessage(parseMessage(message), DATA_KEY, new Map())).rejects.toThrow(/header/);

  expect(chunks).toEqual([]);
});

test('insists on tags of 16 bytes in every decipher', async () => {
  await openMessage(parseMessage(threeFrames()), DATA_KEY, new Map());

  const options = jest.mocked(crypto.createDecipheriv).mock.calls.map((call) => call[3]);
  expect(options).toEqual([{ authTagLength: 16 }]);
  expect(algorithms).toEqual(new Array(3).fill(expect.objectContaining({ name: 'AES-GCM', tagLength: 128 })));
});

function threeFrames(): Buffer {
  return forge({ dataKey: DATA_KEY, frames: FRAMES, frameLength: 10 });
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
