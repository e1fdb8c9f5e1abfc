import { describe, expect, test } from '@jest/globals';
import {
  readAuditRequest,
  readPropertiesRequest,
  readRevokeRequest,
  readSealRequest,
  readUnsealRequest,
} from '../../../lambda/requests/requests';

const SEAL = {
  kind: 'delegated-share',
  userId: 'user-1',
  walletId: 'wallet-1',
  chain: 'EVM',
  materials: { delegatedShare: 'a.b.c.d.e', walletApiKey: 'a.b.c.d.e' },
};
const UNSEAL = {
  kind: 'delegated-share',
  walletId: 'wallet-1',
  chain: 'EVM',
  recipient: { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' },
  req: 'AAAAAAAAAAAAAAAAAAAAAA',
  reason: 'sign a payment',
};
const proto = (text: string): unknown => JSON.parse(text);

describe('seal requests', () => {
  test('are read as they are', () => {
    expect(readSealRequest(SEAL)).toEqual(SEAL);
  });

  test('of server key shares have one material', () => {
    const request = { ...SEAL, kind: 'server-key-shares', materials: { serverKeyShares: 'a.b.c.d.e' } };

    expect(readSealRequest(request)).toEqual(request);
  });

  test.each([
    ['no object', 'text'],
    ['null', null],
    ['a list', []],
    ['a missing wallet', { ...SEAL, walletId: undefined }],
    ['an unknown member', { ...SEAL, wallet: 'x' }],
    ['a __proto__ member', proto(JSON.stringify(SEAL).replace('{', '{"__proto__":{"walletId":"x"},'))],
    ['a constructor member', { ...SEAL, constructor: 'x' }],
    ['a number for a wallet', { ...SEAL, walletId: 7 }],
    ['an empty wallet', { ...SEAL, walletId: '' }],
    ['a wallet of 256 characters', { ...SEAL, walletId: 'w'.repeat(256) }],
    ['a user of 256 characters', { ...SEAL, userId: 'u'.repeat(256) }],
    ['a chain of 11 characters', { ...SEAL, chain: 'ABCDEFGHIJK' }],
    ['NUL in a wallet', { ...SEAL, walletId: 'a\0b' }],
    ['a control character in a user', { ...SEAL, userId: 'a\u001bb' }],
    ['a line separator in a share set', { ...SEAL, shareSetId: 'a\u2028b' }],
    ['a chain in small letters', { ...SEAL, chain: 'evm' }],
    ['a CAIP-2 chain in capitals', { ...SEAL, chain: 'EIP155:1' }],
    ['a blank after a chain', { ...SEAL, chain: 'EVM ' }],
    ['a zero-width space in a chain', { ...SEAL, chain: 'EVM\u200b' }],
    ['a Cyrillic letter in a chain', { ...SEAL, chain: 'ЕVM' }],
    ['a blank before a wallet', { ...SEAL, walletId: ' wallet-1' }],
    ['a zero-width joiner in a wallet', { ...SEAL, walletId: 'wallet\u200d-1' }],
    ['a soft hyphen in a user', { ...SEAL, userId: 'user\u00ad-1' }],
    ['a variation selector in a public key', { ...SEAL, publicKey: '0xabc\ufe0f' }],
    ['a no-break space in a share set', { ...SEAL, shareSetId: 'set\u00a01' }],
    ['a user in Unicode form NFD', { ...SEAL, userId: 'e\u0301' }],
    ['half a surrogate pair', { ...SEAL, userId: '\ud83d' }],
    ['null for an optional member', { ...SEAL, userId: null }],
    ['a superseded id that is no UUID', { ...SEAL, supersedes: 'record-1' }],
    ['no materials', { ...SEAL, materials: {} }],
    ['one material of two', { ...SEAL, materials: { delegatedShare: 'a.b.c.d.e' } }],
    ['a material of another kind', { ...SEAL, materials: { ...SEAL.materials, serverKeyShares: 'a.b.c.d.e' } }],
    [
      'a material that is an object (a hybrid envelope)',
      { ...SEAL, materials: { ...SEAL.materials, walletApiKey: {} } },
    ],
    ['a material beyond any JWE', { ...SEAL, materials: { ...SEAL.materials, walletApiKey: 'a'.repeat(100_001) } }],
    ['an unknown kind', { ...SEAL, kind: 'passkey' }],
    ['the materials of another kind', { ...SEAL, kind: 'server-key-shares' }],
    ['a negative version', { ...SEAL, walletProperties: '{}', expectedVersion: -1 }],
    ['a version in words', { ...SEAL, walletProperties: '{}', expectedVersion: 'one' }],
    ['force in words', { ...SEAL, walletProperties: '{}', force: 'yes' }],
    ['wallet properties over 262,144 bytes', { ...SEAL, walletProperties: 'ä'.repeat(131_073) }],
    ['NUL in wallet properties', { ...SEAL, walletProperties: '\0' }],
    ['half a surrogate pair in wallet properties', { ...SEAL, walletProperties: '\ud83d' }],
  ])('with %s are refused', (_case, request) => {
    expect(() => readSealRequest(request)).toThrowWithCode('InvalidRequest');
  });

  test('are read with members as long as they may be', () => {
    const id = 'i'.repeat(255);
    const ids = { userId: id, walletId: id, publicKey: id, shareSetId: id };
    const materials = { ...SEAL.materials, walletApiKey: 'a'.repeat(100_000) };
    const longest = { ...SEAL, ...ids, chain: 'ABCDEFGHIJ', walletProperties: 'ä'.repeat(131_072), materials };

    expect(readSealRequest(longest)).toEqual(longest);
  });

  test('are refused with the name of every wrong member, what was expected and what it is', () => {
    const read = () => readSealRequest({ ...SEAL, walletId: 7, chain: undefined, extra: 1 });

    expect(read).toThrow(
      expect.objectContaining({
        message:
          'walletId: expected a string, got a value of type number; chain: expected a value, got none; ' +
          'request: got an unknown member',
      }),
    );
  });

  test('are refused with the types of wrong members', () => {
    const read = () => readSealRequest({ ...SEAL, userId: null, walletId: [], chain: true });

    expect(read).toThrow(/userId: .*got null; walletId: .*got an array; chain: .*got a value of type boolean/);
  });

  test('are refused without repeating a value or an unknown name', () => {
    const read = () => readSealRequest({ ...SEAL, chain: 'hunter2-hunter2', hunter2: 'hunter2' });

    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});

describe('chains that senders use', () => {
  test.each(
    'EVM SVM SOL ETH BTC SUI TON FLOW STARK ALGO COSMOS ECLIPSE SPARK TRON APTOS STELLAR TEMPO ALEO eip155:1'.split(
      ' ',
    ),
  )('pass as they are: %s', (chain) => {
    expect(readSealRequest({ ...SEAL, chain })).toMatchObject({ chain });
  });
});

describe('unseal requests', () => {
  test('are read as they are', () => {
    expect(readUnsealRequest(UNSEAL)).toEqual(UNSEAL);
  });

  test.each([
    ['a chain in small letters', { ...UNSEAL, chain: 'evm' }],
    ['an invisible character in the wallet', { ...UNSEAL, walletId: 'wallet-1\u200b' }],
    ['no reason', { ...UNSEAL, reason: undefined }],
    ['an empty reason', { ...UNSEAL, reason: '' }],
    ['a reason of 201 characters', { ...UNSEAL, reason: 'r'.repeat(201) }],
    ['a line feed in the reason', { ...UNSEAL, reason: 'a\nb' }],
    ['a line separator in the reason', { ...UNSEAL, reason: 'a\u2029b' }],
    ['a bidirectional override in the reason', { ...UNSEAL, reason: 'a\u202eb' }],
    ['a bidirectional isolate in the reason', { ...UNSEAL, reason: 'a\u2066b' }],
    ['a req of 15 bytes', { ...UNSEAL, req: 'AAAAAAAAAAAAAAAAAAAA' }],
    ['a req with spare bits', { ...UNSEAL, req: 'AAAAAAAAAAAAAAAAAAAAAB' }],
    ['a padded req', { ...UNSEAL, req: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
    ['a recipient that is a string', { ...UNSEAL, recipient: 'key' }],
    ['a recipient that is null', { ...UNSEAL, recipient: null }],
    ['materials', { ...UNSEAL, materials: {} }],
  ])('with %s are refused', (_case, request) => {
    expect(() => readUnsealRequest(request)).toThrowWithCode('InvalidRequest');
  });
});

describe('revoke requests', () => {
  test('need a wallet, a chain and a reason, and take nothing else', () => {
    const request = { walletId: 'wallet-1', chain: 'EVM', reason: 'the user left' };

    expect(readRevokeRequest(request)).toEqual(request);
    expect(() => readRevokeRequest({ ...request, kind: 'delegated-share' })).toThrowWithCode('InvalidRequest');
  });

  test('may name the kinds to destroy', () => {
    const request = { walletId: 'wallet-1', chain: 'EVM', kinds: ['server-key-shares'], reason: 'the user left' };

    expect(readRevokeRequest(request)).toEqual(request);
    for (const kinds of [[], ['passkey'], 'delegated-share', ['delegated-share', 'delegated-share', 'delegated-share']])
      expect(() => readRevokeRequest({ ...request, kinds })).toThrowWithCode('InvalidRequest');
  });
});

describe('revoke and audit requests', () => {
  test.each(['evm', 'EVM ', 'EVM\u200b'])('reach what an older release stored for the chain %j', (chain) => {
    const wallet = { walletId: 'wallet\u200b-1', chain };

    expect(readRevokeRequest({ ...wallet, reason: 'lost' })).toMatchObject(wallet);
    expect(readAuditRequest({ ...wallet, action: 'log' })).toMatchObject(wallet);
  });
});

describe('audit requests', () => {
  const wallet = { walletId: 'wallet-1', chain: 'EVM' };
  const hash = 'abcdef01'.repeat(8);

  test.each([
    { action: 'records', ...wallet },
    { action: 'log', ...wallet },
    { action: 'log', ...wallet, after: 7, limit: 500 },
    { action: 'head', ...wallet },
    { action: 'verify', ...wallet },
    { action: 'verify', ...wallet, after: 0, hash },
    { action: 'verify', ...wallet, after: 7, hash, until: { sequence: 9, hash } },
  ])('of %j are read', (request) => {
    expect(readAuditRequest(request)).toEqual(request);
  });

  test.each([
    ['no action', wallet],
    ['an unknown action', { action: 'delete', ...wallet }],
    ['a limit of 0', { action: 'log', ...wallet, limit: 0 }],
    ['a limit of 501', { action: 'log', ...wallet, limit: 501 }],
    ['half a row', { action: 'log', ...wallet, after: 0.5 }],
    ['a page of records', { action: 'records', ...wallet, after: 1 }],
    ['a start without its hash', { action: 'verify', ...wallet, after: 7 }],
    ['a hash without its row', { action: 'verify', ...wallet, hash }],
    ['a hash in capitals', { action: 'verify', ...wallet, after: 7, hash: hash.toUpperCase() }],
    ['a hash of 63 digits', { action: 'verify', ...wallet, after: 7, hash: hash.slice(1) }],
    ['an end without its hash', { action: 'verify', ...wallet, until: { sequence: 9 } }],
    ['a start below the first', { action: 'verify', ...wallet, after: -1, hash }],
  ])('with %s are refused', (_case, request) => {
    expect(() => readAuditRequest(request)).toThrowWithCode('InvalidRequest');
  });
});

describe('properties requests', () => {
  const wallet = { walletId: 'wallet-1', chain: 'EVM' };

  test.each([wallet, { ...wallet, version: 1 }, { ...wallet, version: Number.MAX_SAFE_INTEGER }])(
    'of %j are read',
    (request) => {
      expect(readPropertiesRequest(request)).toEqual(request);
    },
  );

  test.each([
    ['no wallet', { chain: 'EVM' }],
    ['version 0', { ...wallet, version: 0 }],
    ['half a version', { ...wallet, version: 1.5 }],
    ['a version in a string', { ...wallet, version: '1' }],
    ['no version at all', { ...wallet, version: null }],
    ['a kind', { ...wallet, kind: 'delegated-share' }],
  ])('with %s are refused', (_case, request) => {
    expect(() => readPropertiesRequest(request)).toThrowWithCode('InvalidRequest');
  });
});
