import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { EncryptionContext, WrappedDataKey } from '../../../lambda/message';
import { contextBytes, uint16, uint32 } from './encoding';

/**
 * Writes messages by the specification, independently of the code under test. Every field can be wrong. All tags and the
 * commitment match the written bytes, so the reader refuses the field and not a tag.
 */
export interface Forgery {
  readonly dataKey: Buffer;
  /** plaintext of each frame, the last one final */
  readonly frames: readonly Buffer[];
  readonly context?: EncryptionContext;
  readonly frameLength?: number;
  readonly messageId?: Buffer;
  readonly version?: Buffer;
  readonly suite?: Buffer;
  /** instead of the context's own bytes, its length not counted */
  readonly contextBytes?: Buffer;
  readonly dataKeys?: readonly WrappedDataKey[];
  /** instead of the number of `dataKeys` */
  readonly dataKeyCount?: number;
  readonly contentType?: number;
  /** written and authenticated instead of the derived one */
  readonly commitment?: Buffer;
  /** of the frame with this index, counted from 0 */
  readonly sequenceOf?: (index: number) => number;
  /** serialized instead of the right one; the right one still encrypts */
  readonly ivOf?: (index: number) => Buffer;
  /** omits the final frame's marker */
  readonly noFinalFrame?: boolean;
  readonly trailing?: Buffer;
}

export const WRAPPED: WrappedDataKey = {
  providerId: 'test-namespace',
  providerInfo: Buffer.from('some key'),
  ciphertext: Buffer.alloc(48, 7),
};

export function forge(forgery: Forgery): Buffer {
  const { dataKey, messageId = randomBytes(32), suite = uint16(0x0478) } = forgery;
  const key = derive(dataKey, messageId, Buffer.concat([suite, Buffer.from('DERIVEKEY')]));
  const commitment = forgery.commitment ?? derive(dataKey, messageId, Buffer.from('COMMITKEY'));
  const header = Buffer.concat([...headerFields(forgery, messageId, suite), commitment]);
  const tag = gcm(key, Buffer.alloc(12), header, Buffer.alloc(0));
  const frames = forgery.frames.map((plaintext, index) => frameBytes(forgery, key, messageId, plaintext, index));
  return Buffer.concat([header, tag, ...frames, forgery.trailing ?? Buffer.alloc(0)]);
}

function headerFields(forgery: Forgery, messageId: Buffer, suite: Buffer): readonly Buffer[] {
  const { dataKeys = [WRAPPED], frameLength = 65_536 } = forgery;
  const context = forgery.contextBytes ?? contextBytes(forgery.context ?? new Map());
  return [
    forgery.version ?? Buffer.from([2]),
    suite,
    messageId,
    lp16(context),
    uint16(forgery.dataKeyCount ?? dataKeys.length),
    ...dataKeys.flatMap((key) => [lp16(Buffer.from(key.providerId)), lp16(key.providerInfo), lp16(key.ciphertext)]),
    Buffer.from([forgery.contentType ?? 2]),
    uint32(frameLength),
  ];
}

function frameBytes(forgery: Forgery, key: Buffer, messageId: Buffer, plaintext: Buffer, index: number): Buffer {
  const final = index === forgery.frames.length - 1 && forgery.noFinalFrame !== true;
  const sequence = forgery.sequenceOf?.(index) ?? index + 1;
  const iv = Buffer.concat([Buffer.alloc(8), uint32(sequence)]);
  const text = `AWSKMSEncryptionClient ${final ? 'Final Frame' : 'Frame'}`;
  const length = Buffer.concat([Buffer.alloc(4), uint32(plaintext.length)]);
  const sealed = gcm(key, iv, Buffer.concat([messageId, Buffer.from(text), uint32(sequence), length]), plaintext);
  const serializedIv = forgery.ivOf?.(index) ?? iv;
  return final
    ? Buffer.concat([uint32(0xffff_ffff), uint32(sequence), serializedIv, uint32(plaintext.length), sealed])
    : Buffer.concat([uint32(sequence), serializedIv, sealed]);
}

/** Ciphertext and tag. */
function gcm(key: Buffer, iv: Buffer, additional: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(additional);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function derive(dataKey: Buffer, messageId: Buffer, info: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha512', dataKey, messageId, info, 32));
}

export function lp16(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint16(bytes.length), bytes]);
}
