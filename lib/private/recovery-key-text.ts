import { createPrivateKey } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import { readRecoveryKey, type RecoveryPublicKey } from '../../lambda/contract/recovery';
import { refuse } from './checks';

const EXPECTED = 'a public RSA key in PEM (BEGIN PUBLIC KEY), or its DER in base64';
const PEM = /^\s*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----\s*$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** More characters than the largest accepted key has in base64. */
const MOST_CHARS = 2_048;

/** Code of the error about an encrypted private key. */
const NO_PASSPHRASE = 'ERR_MISSING_PASSPHRASE';

/** A public key, and its SubjectPublicKeyInfo in DER. */
export interface RecoveryKeyText extends RecoveryPublicKey {
  readonly spki: Buffer;
}

/** Reads the public key of a recovery key. Errors never quote it, since a private key may be given by mistake. */
export function readRecoveryKeyText(name: string, text: unknown): RecoveryKeyText {
  if (typeof text !== 'string' || Token.isUnresolved(text)) return refuse('publicKey', EXPECTED, text);
  if (isPrivate(text)) {
    throw new Error(
      `publicKey: expected ${EXPECTED}, got a private key, which must never be given here: replace this key, since the app has it`,
    );
  }
  const base64 = (PEM.exec(text)?.[1] ?? text).replace(/[\r\n]/g, '');
  const spki = Buffer.from(base64.slice(0, MOST_CHARS), 'base64');
  if (!BASE64.test(base64) || spki.toString('base64') !== base64) {
    throw new Error(`publicKey: expected ${EXPECTED}, got another text`);
  }
  try {
    return { ...readRecoveryKey(name, spki), spki };
  } catch (error) {
    throw new Error(
      `publicKey: ${error instanceof Error ? error.message : 'expected a public key, got another value'}`,
      {
        cause: error,
      },
    );
  }
}

/** Returns whether a text is a private key: in PEM, or as DER in base64, encrypted or not. */
function isPrivate(text: string): boolean {
  if (/PRIVATE KEY/i.test(text)) return true;
  const der = Buffer.from(PEM.exec(text)?.[1] ?? text, 'base64');
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      createPrivateKey({ key: der, format: 'der', type });
      return true;
    } catch (error) {
      return typeof error === 'object' && error !== null && 'code' in error && error.code === NO_PASSPHRASE;
    }
  });
}
