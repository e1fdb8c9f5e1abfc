import type { EncryptionContext } from '../../../lambda/message';

/** Encodes independently of the writer, so that this code does not repeat the writer's mistakes. */
export function contextBytes(context: EncryptionContext): Buffer {
  if (context.size === 0) return Buffer.alloc(0);
  const pairs = [...context]
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b));
  const parts = pairs.flatMap(([name, value]) => [uint16(name.length), name, uint16(value.length), value]);
  return Buffer.concat([uint16(pairs.length), ...parts]);
}

export function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function uint32(value: number): Buffer {
  return Buffer.from([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
}
