import type { RsaKey } from '../../../../lambda/keys/provider';
import { readHybrid } from '../../../../lambda/transport/hybrid';
import { writeHybrid } from './hybrid-envelope';
import { LocalRsaKey } from './rsa-key';

/** The key that `write` encrypts to and `open` tries, unless others are given. */
export const key = new LocalRsaKey();
export const { signal } = new AbortController();

export const write = (secret: Uint8Array, ivBytes = 16, wrap = (contentKey: Uint8Array) => key.wrap(contentKey)) =>
  writeHybrid(secret, wrap, ivBytes);

export const open = async (envelope: unknown, ...candidates: readonly RsaKey[]) =>
  readHybrid(envelope, candidates.length === 0 ? [key] : candidates).open(signal);
