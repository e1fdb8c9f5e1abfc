import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openMessage, parseMessage } from '../../../lambda/message';
import { uint16, uint32 } from './esdk';
import { forge, lp16, WRAPPED } from './forge';

const MIB = 1_048_576;
const SLACK = 4_096;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('the measure sees', () => {
  // what goes unseen here could go unseen below
  test.each<[string, () => unknown]>([
    ['unpooled bytes', () => Buffer.allocUnsafeSlow(MIB)],
    ['bytes that are dropped at once', () => Buffer.allocUnsafeSlow(MIB).length],
    ['zeroed bytes', () => new Uint8Array(MIB)],
    ['objects', () => Array.from({ length: 20_000 }, (_, i) => ({ a: i, b: i, c: i, d: i, e: i, f: i }))],
    ['text', () => Buffer.alloc(2 * MIB, 'é').toString('utf8')],
    ['views', () => Array.from({ length: 20_000 }, () => Buffer.from(new ArrayBuffer(64)))],
  ])('%s', async (_what, act) => {
    expect(await allocated(act)).toBeGreaterThanOrEqual(MIB - SLACK);
  });
});

describe('the reader allocates under 1 MiB for', () => {
  const prefix = Buffer.concat([Buffer.from('020478', 'hex'), Buffer.alloc(32)]);
  const key = Buffer.concat([lp16(Buffer.from('id')), lp16(Buffer.from('info')), lp16(Buffer.alloc(48))]);
  const noise = Buffer.alloc(70_000);

  test.each<[string, Buffer]>([
    ['a context length of 65,535', Buffer.concat([prefix, uint16(0xffff), noise])],
    ['a context of 65,535 pairs', Buffer.concat([prefix, lp16(uint16(0xffff)), noise])],
    ['a context with as many pairs as fit', Buffer.concat([prefix, lp16(manyPairs(1_300)), noise])],
    ['a context with more pairs than are taken', Buffer.concat([prefix, lp16(manyPairs(10_000))])],
    ['a context name of 65,535 bytes', Buffer.concat([prefix, lp16(Buffer.from('0001ffff', 'hex')), noise])],
    [
      '65,535 data keys',
      Buffer.concat([prefix, uint16(0), uint16(0xffff), ...Array.from({ length: 1_000 }, () => key)]),
    ],
    ['a provider id of 65,535 bytes', Buffer.concat([prefix, uint16(0), uint16(1), uint16(0xffff), noise])],
    [
      'a provider id of 65,535 bytes that are no UTF-8',
      Buffer.concat([prefix, uint16(0), uint16(1), uint16(0xffff), Buffer.alloc(70_000, 0xff)]),
    ],
    ['a frame length of 4 GiB', withFrames(0xffff_ffff, noise)],
    [
      'a final frame of 4 GiB',
      withFrames(65_536, Buffer.concat([uint32(0xffff_ffff), uint32(1), iv(1), uint32(0xffff_ffff), noise])),
    ],
    ['a body of 2,000 frames without an end', withFrames(1, emptyFrames(2_000))],
    ['50 MiB of bytes', Buffer.concat([prefix, Buffer.alloc(50 * MIB)])],
  ])('%s, and refuses it', async (_what, message) => {
    const act = (): unknown => {
      try {
        return parseMessage(message);
      } catch (error) {
        return error;
      }
    };

    expect(await allocated(act)).toBeLessThan(MIB);
    expect(act()).toHaveProperty('name', 'MessageCorrupt');
  });

  test('2,000 frames of a byte each, and opens them', async () => {
    const dataKey = randomBytes(32);
    const frames = Array.from({ length: 2_000 }, () => Buffer.alloc(1, 1));
    const message = forge({ dataKey, frames, frameLength: 1 });

    expect(await allocated(() => parseMessage(message))).toBeLessThan(MIB);
    expect(await openMessage(parseMessage(message), dataKey, new Map())).toHaveLength(2_000);
  });

  test('a message that opens to 65,536 bytes', async () => {
    const dataKey = randomBytes(32);
    const message = forge({ dataKey, frames: [Buffer.alloc(65_536)], dataKeys: [WRAPPED] });

    expect(await allocated(() => openMessage(parseMessage(message), dataKey, new Map()))).toBeLessThan(MIB);
  });
});

/**
 * Bytes that `act` took, on the heap and beside it, also where it dropped them again: so little comes together between
 * two collections that none happens in the meantime. A first call, unmeasured, pays for what is made but once.
 */
async function allocated(act: () => unknown): Promise<number> {
  await act();
  collectGarbage();
  // the memory beside the heap that the first collection found is given back by the second
  collectGarbage();
  const before = process.memoryUsage();
  const result = await act();
  const after = process.memoryUsage();
  // kept until here, or the optimizer might never make it
  expect(result).toBeDefined();
  return after.heapUsed + after.external - (before.heapUsed + before.external);
}

/** Pairs as short as they can be and yet all different. */
function manyPairs(count: number): Buffer {
  const pairs = Array.from({ length: count }, (_, i) => Buffer.concat([lp16(Buffer.from(shortName(i))), uint16(0)]));
  return Buffer.concat([uint16(count), ...pairs]).subarray(0, 0xffff);
}

function shortName(i: number): string {
  return String.fromCharCode(i & 0x7f, i >> 7);
}

function withFrames(frameLength: number, body: Buffer): Buffer {
  const head = forge({ dataKey: Buffer.alloc(32), frames: [], frameLength });
  return Buffer.concat([head, body]);
}

function emptyFrames(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => Buffer.concat([uint32(i + 1), iv(i + 1), Buffer.alloc(1 + 16)])),
  );
}

function iv(sequence: number): Buffer {
  return Buffer.concat([Buffer.alloc(8), uint32(sequence)]);
}
