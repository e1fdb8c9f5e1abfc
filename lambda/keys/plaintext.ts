import { keyMemory, wipe } from '../contract/bytes';
import { VaultError } from '../contract/errors';
import { takeMember } from './blank-member';

const PADDING = 0x3d;
const NO_SEXTET = 0xff;
/** By a character's code: its six bits, or `NO_SEXTET`. */
const SEXTETS = new Uint8Array(256).fill(NO_SEXTET);
for (const [value, code] of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').entries()) {
  SEXTETS[code] = value;
}

/**
 * Takes the bytes of `"Plaintext"` out of a response of KMS and blanks it there. Returns `undefined` if there is none. The
 * characters are gone from `body` even if it throws. The caller wipes the result.
 */
export function takePlaintext(body: Buffer): Buffer | undefined {
  return takeMember(body, 'Plaintext', decode);
}

/** The same of Secrets Manager's response: a secret's bytes, or those of its text, which is ASCII. */
export function takeSecretValue(body: Buffer): Buffer | undefined {
  return takeMember(body, 'SecretBinary', decode) ?? takeMember(body, 'SecretString', copy);
}

function copy(text: Buffer): Buffer {
  const bytes = keyMemory(text.length);
  text.copy(bytes);
  return bytes;
}

/** Base64 without a string in between. */
function decode(text: Buffer): Buffer {
  const { length } = text;
  const padding = length === 0 ? 0 : Number(text[length - 1] === PADDING) + Number(text[length - 2] === PADDING);
  const bytes = keyMemory(Math.max(0, Math.floor((length * 3) / 4) - padding));
  let [bits, value, to] = [0, 0, 0];
  for (let from = 0; from < length - padding; from += 1) {
    const sextet = SEXTETS[text[from] ?? 0] ?? NO_SEXTET;
    if (sextet === NO_SEXTET || length % 4 !== 0) {
      wipe(bytes);
      throw new VaultError('KeyUnreachable', 'expected base64 in the response, got something else');
    }
    value = ((value << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[to] = value >> bits;
      to += 1;
    }
  }
  return bytes;
}
