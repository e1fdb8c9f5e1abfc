import { wipe } from '../contract/bytes';
import type { RsaKey } from '../keys/provider';
import { readCompact } from './compact';
import { openContentKey } from './content-key';
import { openGcm } from './gcm';
import { checkInboundHeader, type InboundBinding } from './inbound-header';

export type { InboundBinding } from './inbound-header';

/** A material that arrived from a backend, in memory of its own, which the caller wipes. */
export interface Inbound {
  /** 1 to `LIMITS.materialBytes` bytes */
  readonly material: Buffer;
  /** the transport's `jti`, to be remembered with the record */
  readonly transportId: string;
}

/**
 * Opens a compact JWE (RSA-OAEP-256, A256GCM; RFC 7516 and 7518) that a backend encrypted to an intake key. Its header
 * must repeat the request. Throws `TransportRejected` if the shape, the header or the ciphertext is refused, and throws as
 * `RsaKey`.
 */
export async function openInbound(
  jwe: string,
  binding: InboundBinding,
  keys: ReadonlyMap<string, RsaKey>,
  nowMs: number,
  signal: AbortSignal,
): Promise<Inbound> {
  const compact = readCompact(jwe);
  const { key, transportId } = checkInboundHeader(compact.header, binding, keys, nowMs);
  const contentKey = await openContentKey(compact.encryptedKey, [key], signal);
  try {
    return { material: await openGcm(contentKey, compact), transportId };
  } finally {
    wipe(contentKey);
  }
}
