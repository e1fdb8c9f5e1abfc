import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { hybridKid } from '../../../lambda/transport/hybrid';
import { rsaKeyPair } from '../../support/rsa-keys';
import { material } from '../../support/run';
import type { Envelope } from './support/hybrid-envelope';
import { key, open, write } from './support/hybrid-key';
import { flipLastBit } from './support/inbound-jwe';
import { LocalRsaKey } from './support/rsa-key';
import { RUNS } from './support/runs';
import { visible } from './support/visible';

beforeEach(() => key.forget());

describe('an envelope', () => {
  test.each([1, 457, 65_536])('opens %d bytes', async (length) => {
    const secret = material(length);

    expect(await open(write(secret))).toEqual(secret);
  });

  test.each([12, 13, 14, 15, 16])('opens with an IV of %d bytes', async (ivBytes) => {
    const secret = material(24);

    expect(await open(write(secret, ivBytes))).toEqual(secret);
  });

  test.each([3072, 4096])('opens under an RSA key of %d bits', async (bits) => {
    const rsaKey = new LocalRsaKey(rsaKeyPair(bits));
    const secret = material(24);

    expect(
      await open(
        write(secret, 16, (contentKey) => rsaKey.wrap(contentKey)),
        rsaKey,
      ),
    ).toEqual(secret);
  });

  test('opens whatever bytes were encrypted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (bytes) => {
        expect(await open(write(bytes))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  test.each(['dynamic_rsa_1', '', null, 7, ['dynamic_rsa_1']])('opens an envelope whose kid is %j', async (kid) => {
    const secret = material(24);

    expect(await open({ ...write(secret), kid })).toEqual(secret);
  });

  test.each(['HYBRID-RSA-AES-256', 'RSA-OAEP-256'])('opens an envelope whose alg is %s', async (alg) => {
    const secret = material(24);

    expect(await open({ ...write(secret), alg })).toEqual(secret);
  });

  test.each([
    ['base64url with padding', padded],
    ['base64 with padding', (text: string) => padded(standard(text))],
    ['base64 without padding', standard],
  ])('opens an envelope in %s', async (_how, spell) => {
    const secret = material(457);
    const { iv, ct, tag, ek, ...rest } = write(secret);

    expect(await open({ ...rest, iv: spell(iv), ct: spell(ct), tag: spell(tag), ek: spell(ek) })).toEqual(secret);
  });

  test('returns the material in memory of its own', async () => {
    expect((await open(write(material(40)))).buffer.byteLength).toBe(40);
  });

  test.each(['alg', 'iv', 'ct', 'tag', 'ek'])('refuses an envelope without %s', async (name) => {
    await expect(open({ ...write(material(24)), [name]: undefined })).rejects.toThrowWithCode('TransportRejected');
    await expect(open(JSON.parse(JSON.stringify({ ...write(material(24)), [name]: undefined })))).rejects.toThrow(
      `envelope: expected a member ${name}, got none`,
    );
  });

  test.each(['aad', 'epk', 'header', 'enc', 'v', '__proto__'])('ignores the further member %s', async (name) => {
    const secret = material(24);
    const envelope: unknown = JSON.parse(`{"${name}":"x",${JSON.stringify(write(secret)).slice(1)}`);

    expect(await open(envelope)).toEqual(secret);
  });

  test.each(['alg', 'iv', 'ct', 'tag', 'ek'])('refuses an envelope whose %s is no text', async (name) => {
    const envelope = write(material(24));

    await expect(open({ ...envelope, [name]: 7 })).rejects.toThrowWithCode('TransportRejected');
    await expect(open({ ...envelope, [name]: null })).rejects.toThrowWithCode('TransportRejected');
    await expect(open({ ...envelope, [name]: ['x'] })).rejects.toThrowWithCode('TransportRejected');
  });

  test.each([null, undefined, 'text', 7, [], {}])('refuses %j', async (envelope) => {
    await expect(open(envelope)).rejects.toThrowWithCode('TransportRejected');
  });

  test.each(['HYBRID-RSA-AES-128', 'hybrid-rsa-aes-256', 'RSA-OAEP-512', 'RSA1_5', 'none', ''])(
    'refuses the alg %j',
    async (alg) => {
      await expect(open({ ...write(material(24)), alg })).rejects.toThrow(
        'envelope: expected HYBRID-RSA-AES-256 or RSA-OAEP-256 as alg',
      );
    },
  );

  test.each([1, 8, 11])('refuses an IV of %d bytes', async (ivBytes) => {
    await expect(open(write(material(24), ivBytes))).rejects.toThrow(`iv: expected 12 to 16 bytes, got ${ivBytes}`);
    expect(key.calls).toBe(0);
  });

  test('refuses an IV of 17 bytes', async () => {
    const iv = randomBytes(17).toString('base64url');

    await expect(open({ ...write(material(24)), iv })).rejects.toThrowWithCode('TransportRejected');
  });

  test.each([0, 4, 12, 15])('refuses a tag that is cut to %d bytes', async (bytes) => {
    const envelope = write(material(24));
    const tag = Buffer.from(envelope.tag, 'base64url').subarray(0, bytes).toString('base64url');

    await expect(open({ ...envelope, tag })).rejects.toThrow(`tag: expected 16 bytes, got ${bytes}`);
    expect(key.calls).toBe(0);
  });

  test.each([0, 128, 255, 257])('refuses an ek of %d bytes', async (bytes) => {
    const ek = randomBytes(bytes).toString('base64url');

    await expect(open({ ...write(material(24)), ek })).rejects.toThrow(`ek: expected 256 to 512 bytes in steps of 128`);
    expect(key.calls).toBe(0);
  });

  test.each([
    ['no byte', ''],
    ['65,537 bytes', Buffer.alloc(65_537).toString('base64url')],
  ])('refuses a ct of %s', async (_case, ct) => {
    await expect(open({ ...write(material(24)), ct })).rejects.toThrow(/^ct: expected/);
    expect(key.calls).toBe(0);
  });

  const spellings = [
    ['with a sign of padding too many', (text: string) => `${padded(text)}=`],
    ['with padding within', (text: string) => `=${text.slice(1)}`],
    ['with white space', (text: string) => `${text} `],
    ['in both alphabets', (text: string) => `+-${text.slice(2)}`],
    ['with spare bits that are not zero', (text: string) => `${text.slice(0, -1)}B`],
  ] as const;
  test.each(
    (['iv', 'ct', 'tag', 'ek'] as const).flatMap((name) =>
      spellings.map(([how, change]) => [name, how, change] as const),
    ),
  )('refuses an %s %s', async (name, _how, change) => {
    const envelope = write(material(25));

    await expect(open({ ...envelope, [name]: change(envelope[name]) })).rejects.toThrow(
      new RegExp(`^${name}: expected`),
    );
    expect(key.calls).toBe(0);
  });

  test.each(['iv', 'ct', 'tag', 'ek'] as const)('refuses a changed %s', async (name) => {
    const envelope = write(material(24));

    await expect(open({ ...envelope, [name]: flipLastBit(envelope[name]) })).rejects.toThrowWithCode(
      'TransportRejected',
    );
  });

  test.each([16, 31, 33])('refuses an ek that opens to %d bytes as it refuses a changed one', async (bytes) => {
    const opened = { ...write(material(24)), ek: key.wrap(randomBytes(bytes)).toString('base64url') };
    const envelope = write(material(24));
    const changed = { ...envelope, ek: flipLastBit(envelope.ek) };
    const tampered = { ...envelope, tag: flipLastBit(envelope.tag) };

    const failures = await Promise.all([opened, changed, tampered].map((each) => open(each).catch(visible)));

    expect(failures[0]).toEqual({
      name: 'TransportRejected',
      message: 'expected a ciphertext that opens under the key, got another',
      own: ['message', 'name', 'stack'],
    });
    expect(failures).toEqual(failures.map(() => failures[0]));
  });
});

describe('opening an envelope wipes the content key', () => {
  test.each([
    ['it opens', () => write(material(24))],
    ['the tag does not fit', () => withTamperedTag(write(material(24)))],
    ['it has another length', () => write(material(24), 16, () => key.wrap(Buffer.alloc(33, 7)))],
  ])('if %s', async (_case, envelope) => {
    await open(envelope()).catch(visible);

    expect(key.handedOut.map((bytes) => bytes.some((byte) => byte !== 0))).toEqual([false]);
  });
});

describe('hybridKid', () => {
  test.each([
    [{ kid: 'dynamic_rsa_1' }, 'dynamic_rsa_1'],
    [{ alg: 'HYBRID-RSA-AES-256' }, undefined],
    [{ kid: '' }, undefined],
    [{ kid: null }, undefined],
    [{ kid: 7 }, undefined],
    [Object.create({ kid: 'inherited' }), undefined],
    [null, undefined],
    ['kid', undefined],
    [[], undefined],
  ])('reads from %j the hint %j', (envelope: unknown, kid) => {
    expect(hybridKid(envelope)).toBe(kid);
  });
});

function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** Base64 without padding, of base64url. */
function standard(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '/');
}

function withTamperedTag(envelope: Envelope): Envelope {
  return { ...envelope, tag: flipLastBit(envelope.tag) };
}
