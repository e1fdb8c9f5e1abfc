import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { recordContext } from '../../../lambda/keys/record-context';

const BINDING = {
  environment: 'prod',
  recordId: '00112233-4455-6677-8899-aabbccddeeff',
  userId: 'ü',
  walletId: 'wallet',
  chain: 'EVM',
  publicKey: '0x2b',
  shareSetId: 'set',
  propertiesSha256: createHash('sha256').update('{}').digest(),
};

describe('recordContext', () => {
  test('has exactly the five pairs', () => {
    const context = recordContext(BINDING, 'delegated_share');

    expect(Object.fromEntries(context)).toEqual({
      environment: 'prod',
      record: '00112233-4455-6677-8899-aabbccddeeff',
      field: 'delegated_share',
      chain: 'EVM',
      owner: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
  });

  test('digests the owner over the UUID, each text after its length, and the properties', () => {
    const preimage = Buffer.concat([
      Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
      Buffer.from('\0\x02ü\0\x06wallet\0\x040x2b\0\x03set', 'utf8'),
      createHash('sha256').update('{}').digest(),
    ]);

    expect(recordContext(BINDING, 'delegated_share').get('owner')).toBe(
      createHash('sha256').update(preimage).digest('base64url'),
    );
  });

  test('digests what is missing as empty', () => {
    const { environment, recordId, walletId, chain } = BINDING;
    const preimage = Buffer.concat([
      Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
      Buffer.from('\0\0\0\x06wallet\0\0\0\0', 'utf8'),
    ]);

    expect(recordContext({ environment, recordId, walletId, chain }, 'wallet_api_key').get('owner')).toBe(
      createHash('sha256').update(preimage).digest('base64url'),
    );
  });

  test.each([
    ['record', { ...BINDING, recordId: '00112233-4455-6677-8899-aabbccddeefe' }],
    ['user', { ...BINDING, userId: 'u' }],
    ['wallet', { ...BINDING, walletId: 'wallet2' }],
    ['public key', { ...BINDING, publicKey: '0x2c' }],
    ['share set', { ...BINDING, shareSetId: undefined }],
    ['properties', { ...BINDING, propertiesSha256: undefined }],
    ['boundary between two texts', { ...BINDING, walletId: 'walle', publicKey: 't0x2b' }],
  ])('gives another %s another owner', (_what, other) => {
    expect(recordContext(other, 'delegated_share').get('owner')).not.toBe(
      recordContext(BINDING, 'delegated_share').get('owner'),
    );
  });
});
