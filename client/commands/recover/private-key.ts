import { type KeyObject, createPrivateKey, createPublicKey, privateDecrypt } from 'node:crypto';
import { wipe } from '../../../lambda/contract/bytes';
import { OAEP } from '../../../lambda/contract/encrypt';
import { recoveryFingerprint } from '../../../lambda/contract/recovery';
import { CommandFailure, UsageError, type Values, textOf } from '../command';
import { readBoundedFile } from './bounded-file';

/** An RSA key of 4,096 bits has 3,300 bytes as PEM. */
const MAX_PRIVATE_KEY_BYTES = 16_384;
/** OpenSSL reads as many from a file. */
const MAX_PASSPHRASE_BYTES = 1_024;
const LINE_FEED = 10;

export interface PrivateKey {
  readonly key: KeyObject;
  /** of its public half: how messages name it */
  readonly fingerprint: string;
}

/** Reads a private RSA key in PEM, of PKCS #8 or PKCS #1. Throws `UsageError` and `CommandFailure`, which quote nothing. */
export function readPrivateKey(values: Values, path: string): PrivateKey {
  const pem = readBoundedFile('private-key', path, MAX_PRIVATE_KEY_BYTES);
  let passphrase: Buffer | undefined;
  try {
    passphrase = readPassphrase(values);
    const key = parseKey(pem, passphrase);
    if (key.asymmetricKeyType !== 'rsa') throw new UsageError(`${EXPECTED}, got another type of key`);
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    return { key, fingerprint: recoveryFingerprint(spki) };
  } finally {
    wipe(pem, passphrase);
  }
}

const EXPECTED = '--private-key: expected a private RSA key in PEM';

/** Returns the first line of the file, as OpenSSL reads one. */
function readPassphrase(values: Values): Buffer | undefined {
  const path = textOf(values, 'passphrase-file');
  if (path === undefined) return undefined;
  const bytes = readBoundedFile('passphrase-file', path, MAX_PASSPHRASE_BYTES);
  const end = bytes.indexOf(LINE_FEED);
  const passphrase = end === -1 ? bytes : bytes.subarray(0, end);
  wipe(bytes.subarray(passphrase.length));
  if (passphrase.length > 0) return passphrase;
  throw new UsageError('--passphrase-file: expected a passphrase in its first line, got none');
}

function parseKey(pem: Buffer, passphrase: Buffer | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch (error) {
    if (pem.includes('PUBLIC KEY-----')) throw new UsageError(`${EXPECTED}, got a public key`);
    const encrypted = pem.includes('ENCRYPTED');
    if (encrypted && passphrase === undefined)
      throw new UsageError('expected --passphrase-file with this key, got none');
    const got = encrypted ? 'another passphrase or a damaged file' : 'something else';
    throw new CommandFailure(`${EXPECTED}${encrypted ? ' and its passphrase' : ''}, got ${got}`, { cause: error });
  }
}

/** Unwraps a data key. The caller wipes it. */
export function unwrap({ key }: PrivateKey, wrapped: Uint8Array): Buffer {
  try {
    // OpenSSL takes a shorter one for the number that it is
    const { modulusLength: bits = 0 } = key.asymmetricKeyDetails ?? {};
    if (wrapped.length !== Math.ceil(bits / 8)) throw new RangeError('expected a whole one');
    return privateDecrypt({ key, ...OAEP }, wrapped);
  } catch (error) {
    throw new CommandFailure('expected a wrapped data key that the private key opens, got a damaged one', {
      cause: error,
    });
  }
}
