import type { RsaKey } from '../keys/provider';
import { readCompact } from './compact';
import { openUnder } from './content-key';
import { checkInboundHeader, type InboundBinding } from './inbound-header';

export type { InboundBinding } from './inbound-header';

/** A transport whose shape and header were accepted; nothing of it is authentic until it has opened. */
export interface Inbound {
  /** the transport's `jti`, to be remembered with the record */
  readonly transportId: string;
  /**
   * Returns the material, 1 to `LIMITS.materialBytes` bytes in memory of its own, which the caller wipes. Throws
   * `TransportRejected` if the ciphertext is refused, and throws as `RsaKey`.
   */
  open(signal: AbortSignal): Promise<Buffer>;
}

/**
 * Reads a compact JWE (RSA-OAEP-256, A256GCM; RFC 7516 and 7518) that a backend encrypted to an intake key. Its header
 * must repeat the request. Throws `TransportRejected` if the shape or the header is refused: no key was called then.
 */
export function readInbound(
  jwe: string,
  binding: InboundBinding,
  keys: ReadonlyMap<string, RsaKey>,
  nowMs: number,
): Inbound {
  const compact = readCompact(jwe);
  const { key, transportId } = checkInboundHeader(compact.header, binding, keys, nowMs);
  return { transportId, open: (signal) => openUnder(compact.encryptedKey, [key], compact, signal) };
}
