import { randomBytes } from 'node:crypto';
import { openMessage, parseMessage } from '../../../lambda/message';
import { uint16, uint32 } from './encoding';
import { forge, lp16, WRAPPED } from './forge';

export const MIB = 1_048_576;

/** Prepares the measured function. Creates nothing earlier. */
export type Case = () => () => unknown;

const prefix = Buffer.concat([Buffer.from('020478', 'hex'), Buffer.alloc(32)]);

/** Each allocates 1 MiB or more. */
export const SEEN: Readonly<Record<string, Case>> = {
  'unpooled bytes': () => () => Buffer.allocUnsafeSlow(MIB),
  'bytes that are dropped at once': () => () => Buffer.allocUnsafeSlow(MIB).length,
  'zeroed bytes': () => () => new Uint8Array(MIB),
  objects: () => () => Array.from({ length: 20_000 }, (_, i) => ({ a: i, b: i, c: i, d: i, e: i, f: i })),
  text: () => () => Buffer.alloc(2 * MIB, 'é').toString('utf8'),
  views: () => () => Array.from({ length: 20_000 }, () => Buffer.from(new ArrayBuffer(64))),
};

/** Messages that the reader must refuse. */
export const REFUSED: Readonly<Record<string, Case>> = {
  'a context length of 65,535': refusal(() => Buffer.concat([prefix, uint16(0xffff), noise()])),
  'a context of 65,535 pairs': refusal(() => Buffer.concat([prefix, lp16(uint16(0xffff)), noise()])),
  'a context with as many pairs as fit': refusal(() => Buffer.concat([prefix, lp16(manyPairs(1_300)), noise()])),
  'a context with more pairs than are taken': refusal(() => Buffer.concat([prefix, lp16(manyPairs(10_000))])),
  'a context name of 65,535 bytes': refusal(() =>
    Buffer.concat([prefix, lp16(Buffer.from('0001ffff', 'hex')), noise()]),
  ),
  '65,535 data keys': refusal(() => {
    const key = Buffer.concat([lp16(Buffer.from('id')), lp16(Buffer.from('info')), lp16(Buffer.alloc(48))]);
    return Buffer.concat([prefix, uint16(0), uint16(0xffff), ...Array.from({ length: 1_000 }, () => key)]);
  }),
  'a provider id of 65,535 bytes': refusal(() =>
    Buffer.concat([prefix, uint16(0), uint16(1), uint16(0xffff), noise()]),
  ),
  'a provider id of 65,535 bytes that are no UTF-8': refusal(() =>
    Buffer.concat([prefix, uint16(0), uint16(1), uint16(0xffff), noise(0xff)]),
  ),
  'a frame length of 4 GiB': refusal(() => withFrames(0xffff_ffff, noise())),
  'a final frame of 4 GiB': refusal(() =>
    withFrames(65_536, Buffer.concat([uint32(0xffff_ffff), uint32(1), iv(1), uint32(0xffff_ffff), noise()])),
  ),
  'a body of 2,000 frames without an end': refusal(() => withFrames(1, emptyFrames(2_000))),
  '50 MiB of bytes': refusal(() => Buffer.concat([prefix, Buffer.alloc(50 * MIB)])),
};

/** Messages that the reader opens. */
export const OPENED = {
  '2,000 frames of a byte each': () => {
    const message = forge({ dataKey: randomBytes(32), frames: bytewise(2_000), frameLength: 1 });
    return () => parseMessage(message);
  },
  'a message that opens to 65,536 bytes': () => {
    const dataKey = randomBytes(32);
    const message = forge({ dataKey, frames: [Buffer.alloc(65_536)], dataKeys: [WRAPPED] });
    return () => openMessage(parseMessage(message), dataKey, new Map());
  },
} satisfies Readonly<Record<string, Case>>;

/** Frames of a byte each. */
export function bytewise(count: number): readonly Buffer[] {
  return Array.from({ length: count }, () => Buffer.alloc(1, 1));
}

function refusal(make: () => Buffer): Case {
  return () => {
    const message = make();
    return () => {
      try {
        return parseMessage(message);
      } catch (error) {
        return error;
      }
    };
  };
}

function noise(byte = 0): Buffer {
  return Buffer.alloc(70_000, byte);
}

/** Returns the shortest possible pairs that all differ. */
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
