/**
 * Rewrites positive.json and negative.json: `npx --no-install tsx test/lambda/message/vectors/generate.ts`. Keys and ids are random, so
 * every run creates other vectors. The committed ones also show that old messages still open.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EncryptionContext, parseMessage, writeMessage } from '../../../../lambda/message';
import { RECORD_CONTEXT } from '../contexts';
import { uint16 } from '../encoding';
import { esdkEncrypt, unwrapDataKey, wrapDataKey, type WrappingKey, wrappingKeys } from '../../../../tools/esdk';
import { type Forgery, forge, lp16, WRAPPED } from '../forge';
import type { NegativeVector, PositiveVector } from './vectors';

const ASTRAL: EncryptionContext = new Map([
  ['\u{1f600}', 'sorted after, in UTF-8'],
  ['\uff5e', 'sorted before, in UTF-8'],
  ['Größe', 'ß'],
]);
const PLAINTEXT = Buffer.from('seventeen letters');

async function positive(): Promise<readonly PositiveVector[]> {
  return [
    ours('a record’s context, one key', PLAINTEXT, 1, RECORD_CONTEXT),
    ours('no context, empty plaintext', Buffer.alloc(0), 1, new Map()),
    ours('three keys, names beyond the basic plane', randomBytes(600), 3, ASTRAL),
    ours('a plaintext of 4,097 bytes', randomBytes(4_097), 1, RECORD_CONTEXT),
    await esdk('a record’s context, one key', PLAINTEXT, 1, RECORD_CONTEXT),
    await esdk('no context, empty plaintext', Buffer.alloc(0), 1, new Map()),
    await esdk('three keys, names beyond the basic plane', randomBytes(600), 3, ASTRAL),
    await esdk('three full frames and an empty last one', randomBytes(48), 1, RECORD_CONTEXT, 16),
    await esdk('three full frames and a last one of a byte', randomBytes(49), 1, RECORD_CONTEXT, 16),
    await esdk('frames of one byte', PLAINTEXT, 1, new Map(), 1),
  ];
}

function ours(title: string, plaintext: Buffer, count: number, context: EncryptionContext): PositiveVector {
  const keys = wrappingKeys(count);
  const dataKey = randomBytes(32);
  const wrapped = keys.map((key) => wrapDataKey(dataKey, key, context));
  const message = writeMessage({ plaintext, dataKey, wrapped, context });
  return vector(title, 'this writer', keys, dataKey, context, plaintext, message);
}

async function esdk(
  title: string,
  plaintext: Buffer,
  count: number,
  context: EncryptionContext,
  frameLength = 4_096,
): Promise<PositiveVector> {
  const keys = wrappingKeys(count);
  const message = await esdkEncrypt({ plaintext, keys, context, frameLength });
  const [wrapped] = parseMessage(message).dataKeys;
  const [key] = keys;
  if (wrapped === undefined || key === undefined) throw new RangeError('expected a data key, got none');
  const dataKey = unwrapDataKey(wrapped, key, context);
  return vector(title, '@aws-crypto/client-node 5.0.2', keys, dataKey, context, plaintext, message);
}

function vector(
  title: string,
  writer: string,
  keys: readonly WrappingKey[],
  dataKey: Buffer,
  context: EncryptionContext,
  plaintext: Buffer,
  message: Buffer,
): PositiveVector {
  return {
    title,
    writer,
    wrappingKeys: keys.map(({ name, secret }) => ({ name, secret: secret.toString('hex') })),
    dataKey: dataKey.toString('hex'),
    context: [...context],
    plaintext: plaintext.toString('hex'),
    message: message.toString('hex'),
  };
}

const NEGATIVE: readonly (readonly [string, Partial<Forgery>])[] = [
  ['version 1', { version: Buffer.from([1]) }],
  ['suite 0578, signed', { suite: uint16(0x0578) }],
  ['suite 0178, without commitment', { suite: uint16(0x0178) }],
  ['content type 1, unframed', { contentType: 1 }],
  ['frame length 0', { frameLength: 0, frames: [Buffer.alloc(0)] }],
  ['frame length 65,537', { frameLength: 65_537 }],
  ['no data keys', { dataKeys: [] }],
  ['nine data keys', { dataKeys: Array.from({ length: 9 }, () => WRAPPED) }],
  ['a reserved context name', { context: new Map([['aws-crypto-public-key', 'x']]) }],
  ['a context name twice', { contextBytes: contextOf('a', 'a') }],
  ['a context name that is not UTF-8', { contextBytes: Buffer.from('00010002c3280000', 'hex') }],
  ['a context that counts no pairs', { contextBytes: uint16(0) }],
  ['another commitment, every tag right', { commitment: Buffer.alloc(32, 1) }],
  ['a first frame numbered 2', { sequenceOf: () => 2 }],
  ['an IV that is not the sequence number', { ivOf: () => Buffer.alloc(12) }],
  ['a final frame over the frame length', { frameLength: 16 }],
  ['no final frame', { frameLength: PLAINTEXT.length, noFinalFrame: true }],
  ['a byte after the final frame', { trailing: Buffer.from([0]) }],
];

function negative(): readonly NegativeVector[] {
  const dataKey = randomBytes(32);
  const good = forge({ dataKey, frames: [PLAINTEXT], context: RECORD_CONTEXT });
  const parts = { dataKey: dataKey.toString('hex'), context: [...RECORD_CONTEXT] };
  const bad = (title: string, message: Buffer): NegativeVector => {
    return { title, code: 'MessageCorrupt', ...parts, message: message.toString('hex') };
  };
  return [
    ...NEGATIVE.map(([title, forgery]) => ({
      ...bad(title, forge({ dataKey, frames: [PLAINTEXT], context: RECORD_CONTEXT, ...forgery })),
      context: [...(forgery.context ?? (forgery.contextBytes === undefined ? RECORD_CONTEXT : new Map()))],
    })),
    bad('the last byte missing', good.subarray(0, -1)),
    bad('a bit of the header tag flipped', flipped(good, parseMessage(good).header.length)),
    bad('a bit of the wrapped data key flipped', flipped(good, good.indexOf(WRAPPED.ciphertext))),
    bad('a bit of the final tag flipped', flipped(good, good.length - 1)),
    bad('no bytes', Buffer.alloc(0)),
    { ...bad('another data key', good), dataKey: randomBytes(32).toString('hex') },
    { ...bad('a data key of 16 bytes', good), dataKey: randomBytes(16).toString('hex') },
    { ...bad('a pair of the context missing', good), context: parts.context.slice(1), code: 'ContextMismatch' },
    { ...bad('a pair too many expected', good), context: [...parts.context, ['x', '']], code: 'ContextMismatch' },
    { ...bad('no context expected', good), context: [], code: 'ContextMismatch' },
  ];
}

/** A context with these names and empty values. */
function contextOf(...names: readonly string[]): Buffer {
  return Buffer.concat([uint16(names.length), ...names.flatMap((name) => [lp16(Buffer.from(name)), uint16(0)])]);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

function write(file: string, vectors: unknown): void {
  writeFileSync(join(__dirname, file), `${JSON.stringify(vectors, undefined, 2)}\n`);
}

async function main(): Promise<void> {
  write('positive.json', await positive());
  write('negative.json', negative());
}

void main();
