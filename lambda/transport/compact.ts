import { encodedChars, LENGTHS, readEncoded } from './encoded';
import type { Sealed } from './gcm';
import { rejected } from './members';

const HEADER = { min: 2, max: 4_096 };
const PARTS = [HEADER, LENGTHS.wrappedKey, LENGTHS.iv, LENGTHS.ciphertext, LENGTHS.tag];
/** The longest valid JWE: each part at its longest, and four dots. */
const MAX_CHARS = PARTS.reduce((sum, { max }) => sum + encodedChars(max), PARTS.length - 1);

/** A compact JWE's five parts (RFC 7516, 3.1), decoded and of bounded lengths; nothing of it is verified. */
export interface CompactJwe {
  readonly header: Buffer;
  readonly encryptedKey: Buffer;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
  /** the header as it was sent, which the tag covers */
  readonly additional: Buffer;
}

/** Throws `TransportRejected`; if the whole is too long, before anything is decoded. */
export function readCompact(jwe: string): CompactJwe {
  if (jwe.length > MAX_CHARS) throw rejected(`expected a JWE of at most ${MAX_CHARS} characters, got more`);
  const parts = jwe.split('.');
  const [header, encryptedKey, iv, ciphertext, tag] = parts;
  const five = header !== undefined && encryptedKey !== undefined && iv !== undefined && ciphertext !== undefined;
  if (!five || tag === undefined || parts.length > PARTS.length) {
    throw rejected(`expected a compact JWE of ${PARTS.length} parts, got ${parts.length}`);
  }
  return {
    header: readEncoded(header, 'header', HEADER),
    encryptedKey: readEncoded(encryptedKey, 'encrypted key', LENGTHS.wrappedKey),
    iv: readEncoded(iv, 'iv', LENGTHS.iv),
    ciphertext: readEncoded(ciphertext, 'ciphertext', LENGTHS.ciphertext),
    tag: readEncoded(tag, 'tag', LENGTHS.tag),
    additional: Buffer.from(header, 'latin1'),
  };
}

/** The compact serialization with direct key agreement: the second part is empty. */
export function writeCompact(header: string, sealed: Sealed): string {
  const { iv, ciphertext, tag } = sealed;
  return [header, '', ...[iv, ciphertext, tag].map((part) => part.toString('base64url'))].join('.');
}
