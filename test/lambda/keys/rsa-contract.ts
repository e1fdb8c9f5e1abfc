import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RsaKey } from '../../../lambda/keys/provider';
import { flipped } from '../../local/emulator/services/kms/support';
import { hasOpenssl, openssl } from '../transport/support/openssl';

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const soon = () => AbortSignal.timeout(10_000);

/** A private key in a service, and functions that make the service fail. */
export interface RsaKeyFixture {
  /** of 2048 bits, never used before */
  readonly key: RsaKey;
  readonly publicKey: KeyObject;
  fail(how: 'throttled' | 'failing' | 'dropping' | 'hanging' | 'denied'): void;
  recover(): void;
  remove(): Promise<void>;
}

/** The contract of every private key (see `RsaKey`). */
export function describeRsaKey(name: string, start: () => Promise<RsaKeyFixture>): void {
  describe(`${name}, as every RSA key,`, () => {
    let fixture: RsaKeyFixture;
    beforeEach(async () => {
      fixture = await start();
    });
    afterEach(() => fixture.remove());

    const encrypt = (secret: Uint8Array, options = {}) =>
      publicEncrypt({ key: fixture.publicKey, ...OAEP, ...options }, secret);

    /** About one in 256 starts with a zero byte: without it the number is the same. */
    const beginningWithZero = (): Buffer => {
      const ciphertext = encrypt(Buffer.alloc(32));
      return ciphertext[0] === 0 ? ciphertext : beginningWithZero();
    };

    test.each([1, 32, 190])('opens %i bytes that were encrypted to its public key', async (length) => {
      const secret = randomBytes(length);

      const opened = await fixture.key.open(encrypt(secret), soon());

      expect(opened).toEqual(secret);
      // the buffer has no other bytes, so wiping it wipes everything
      expect(opened.buffer.byteLength).toBe(length);
    });

    const exchange = async () => {
      const secret = randomBytes(32);
      const pem = fixture.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const options = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'];
      const args = options.flatMap((option) => ['-pkeyopt', option]);

      const ciphertext = withFile(pem, (file) =>
        openssl(['pkeyutl', '-encrypt', '-pubin', '-inkey', file, ...args], secret),
      );

      expect(await fixture.key.open(ciphertext, soon())).toEqual(secret);
    };
    if (hasOpenssl()) test('opens what openssl encrypted', exchange);

    test.each<[string, () => Uint8Array]>([
      ['OAEP with SHA-1', () => encrypt(Buffer.alloc(32), { oaepHash: 'sha1' })],
      ['OAEP under a label', () => encrypt(Buffer.alloc(32), { oaepLabel: Buffer.from('x') })],
      ['PKCS #1 v1.5', () => encrypt(Buffer.alloc(32), { padding: constants.RSA_PKCS1_PADDING })],
      ['a bit turned', () => flipped(encrypt(Buffer.alloc(32)), 100)],
      ['a byte too many', () => Buffer.concat([encrypt(Buffer.alloc(32)), Buffer.alloc(1)])],
      ['a byte too few', () => beginningWithZero().subarray(1)],
      ["another key's length", () => Buffer.alloc(512)],
      ['a number beyond the modulus', () => Buffer.alloc(256, 0xff)],
      ['no bytes', () => Buffer.alloc(0)],
      ['more bytes than KMS takes', () => Buffer.alloc(7_000)],
    ])('rejects %s', async (_what, make) => {
      await expect(fixture.key.open(make(), soon())).rejects.toThrowWithCode('TransportRejected');
    });

    test.each([
      ['throttled', 'KeyThrottled'],
      ['failing', 'KeyUnreachable'],
      ['dropping', 'KeyUnreachable'],
      ['denied', 'KeyUnavailable'],
    ] as const)('throws the code of its state while the service is %s, and opens afterwards', async (how, code) => {
      const ciphertext = encrypt(Buffer.alloc(32, 7));
      fixture.fail(how);

      await expect(fixture.key.open(ciphertext, soon())).rejects.toThrowWithCode(code);
      fixture.recover();
      expect(await fixture.key.open(ciphertext, soon())).toEqual(Buffer.alloc(32, 7));
    });

    test('fails when the time is up', async () => {
      fixture.fail('hanging');

      const asked = fixture.key.open(encrypt(Buffer.alloc(32)), AbortSignal.timeout(150));

      await expect(asked).rejects.toThrowWithCode('KeyTimeout');
    });
  });
}

/** Calls a function with the path of a file that has this text. */
function withFile<T>(text: string, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-rsa-'));
  try {
    const file = join(folder, 'file');
    writeFileSync(file, text);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
