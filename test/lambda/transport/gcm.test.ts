import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { openGcm, sealGcm } from '../../../lambda/transport/gcm';

const key = randomBytes(32);
const additional = Buffer.from('header');
const sealed = sealGcm(key, Buffer.from('material'), additional);

describe('openGcm', () => {
  test('opens what sealGcm sealed', async () => {
    expect(openGcm(key, { ...sealed, additional })).toEqual(Buffer.from('material'));
  });

  test.each([
    ['other additional data', { additional: Buffer.from('Header') }],
    ['no additional data', {}],
    ['another tag', { additional, tag: randomBytes(16) }],
    ['another IV', { additional, iv: randomBytes(12) }],
  ])('refuses %s', async (_case, changes) => {
    expect(() => openGcm(key, { ...sealed, ...changes })).toThrowWithCode('TransportRejected');
  });

  test.each([4, 8, 12, 15])('accepts no tag of %d bytes, even if its caller did not check it', async (length) => {
    const tag = sealed.tag.subarray(0, length);

    expect(() => openGcm(key, { ...sealed, additional, tag })).toThrow('expected a tag of 16 bytes');
  });
});

describe('sealGcm', () => {
  test('uses a fresh IV of 12 bytes each time', () => {
    const again = sealGcm(key, Buffer.from('material'), additional);

    expect(again.iv).toHaveLength(12);
    expect(again.iv).not.toEqual(sealed.iv);
  });
});
