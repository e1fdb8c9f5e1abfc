import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { SealInputOf } from '../../client/index';
import { material } from '../support/run';
import { Fault } from './support/fault';
import { sealInput, unsealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

/** Returns the `jti`s of the transports in the nth call, in order. */
function transportIds(call: number): unknown[] {
  const { materials } = JSON.parse(vault.calls[call]?.payload ?? '{}') as { materials: Record<string, string> };
  const headers = Object.values(materials).map((jwe) => Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString());
  return headers.map((header) => (JSON.parse(header) as { jti: unknown }).jti);
}

describe('seal', () => {
  test('invokes the seal function as the actor and returns its response', async () => {
    const response = await client.seal(sealInput());

    expect(response).toEqual({
      recordId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      keyId: 'arn:aws:kms:eu-central-1:111122223333:key/share',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(vault.calls).toMatchObject([{ functionName: 'vault-seal', qualifier: 'signer' }]);
  });

  test('encrypts each material under the exact header that the vault asks for', async () => {
    const input = sealInput();

    await client.seal(input);

    const same = {
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      typ: 'share-vault-in',
      kid: 'intake-1',
      env: 'dev',
      kind: 'delegated-share',
      walletId: input.walletId,
      userId: 'user-1',
      chain: 'EVM',
      iat: expect.any(Number),
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{16,64}$/),
    };
    expect(vault.functions.arrived).toStrictEqual([
      { ...same, field: 'delegated_share' },
      { ...same, field: 'wallet_api_key' },
    ]);
  });

  test('sends an empty user id in the header if there is none', async () => {
    await client.seal(sealInput({ userId: undefined }));

    expect(vault.functions.arrived).toMatchObject([{ userId: '' }, { userId: '' }]);
  });

  test('passes on the members that are not secret unchanged', async () => {
    const { recordId } = await client.seal(sealInput({ walletId: 'wallet-1' }));

    const again = await client.seal(
      sealInput({ walletId: 'wallet-1', shareSetId: 'set-1', supersedes: recordId, walletProperties: '{"a":1}' }),
    );

    expect(again.supersededRecordId).toBe(recordId);
    expect(JSON.parse(vault.calls[1]?.payload ?? '')).toEqual({
      kind: 'delegated-share',
      walletId: 'wallet-1',
      chain: 'EVM',
      userId: 'user-1',
      publicKey: '0x2b',
      shareSetId: 'set-1',
      supersedes: recordId,
      walletProperties: '{"a":1}',
      materials: { delegatedShare: expect.any(String), walletApiKey: expect.any(String) },
    });
  });

  test('uses every jti once', async () => {
    await client.seal(sealInput());
    await client.seal(sealInput());

    expect(new Set([...transportIds(0), ...transportIds(1)]).size).toBe(4);
  });

  test('has read the materials when it returns its promise, so that its caller can wipe them at once', async () => {
    const input = sealInput();
    const share = Buffer.from(input.materials.delegatedShare);

    const sealed = client.seal(input);
    input.materials.delegatedShare.fill(0);
    input.materials.walletApiKey.fill(0);
    await sealed;

    using record = await client.unseal(unsealInput(input));
    expect(Buffer.from(record.delegatedShare).equals(share)).toBe(true);
  });
});

describe('a seal whose response is lost', () => {
  test('is sent again with the same transports, and ends in the record that it made', async () => {
    const input = sealInput();
    vault.troubles.push({ drop: 'after' });

    const { recordId } = await client.seal(input);

    expect(vault.calls).toHaveLength(2);
    expect(transportIds(1)).toEqual(transportIds(0));
    expect(vault.calls[1]?.payload).toBe(vault.calls[0]?.payload);
    expect((await client.records(input)).records).toMatchObject([{ recordId }]);
    expect(vault.functions.ledgerOf(input.walletId).entries).toHaveLength(1);
  });

  test('that is called again is another seal, and conflicts with the record of the first', async () => {
    const input = sealInput();
    const once = vault.client({ attempts: 1 });
    vault.troubles.push({ drop: 'after' });
    await expect(once.seal(input)).rejects.toThrowWithCode('TransportFailed');

    await expect(once.seal(input)).rejects.toThrowWithCode('Conflict');
  });
});

describe('seal sends nothing and', () => {
  const wrong = (materials: unknown) =>
    sealInput({ materials: materials as SealInputOf<'delegated-share'>['materials'] });
  const share = () => material(600);

  test.each([
    ['a string, and says why', 'secret', /delegatedShare: expected a Uint8Array, got a string; a string can't be over/],
    ['a list', [1, 2, 3], /delegatedShare: expected a Uint8Array, got something else/],
    ['an array buffer', new ArrayBuffer(8), /delegatedShare: expected a Uint8Array/],
    ['nothing', undefined, /delegatedShare: expected a Uint8Array/],
  ])('refuses %s for a material', async (_what, delegatedShare, message) => {
    const sealed = client.seal(wrong({ delegatedShare, walletApiKey: share() }));

    await expect(sealed).rejects.toThrow(TypeError);
    await expect(sealed).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });

  test.each([0, 65_537])('refuses a material of %d bytes', async (length) => {
    const sealed = client.seal(wrong({ delegatedShare: share(), walletApiKey: new Uint8Array(length) }));

    await expect(sealed).rejects.toThrow(RangeError);
    await expect(sealed).rejects.toThrow(`walletApiKey: expected 1 to 65536 bytes, got ${length}`);
    expect(vault.calls).toEqual([]);
  });

  test.each([
    ['another material', { delegatedShare: share(), walletApiKey: share(), serverKeyShares: share() }],
    ['no materials', undefined],
    ['null for materials', null],
    ['a string for materials', 'secret'],
  ])('refuses %s', async (_what, materials) => {
    await expect(client.seal(wrong(materials))).rejects.toThrow(TypeError);
    expect(vault.calls).toEqual([]);
  });

  test('refuses the materials of another kind', async () => {
    const input = { ...sealInput(), kind: 'server-key-shares' as 'delegated-share' };

    await expect(client.seal(input)).rejects.toThrow('expected only serverKeyShares for the kind server-key-shares');
    expect(vault.calls).toEqual([]);
  });

  test('refuses an unknown kind', async () => {
    const input = { ...sealInput(), kind: 'share' as 'delegated-share' };

    await expect(client.seal(input)).rejects.toThrow('kind: expected delegated-share or server-key-shares, got anoth');
    expect(vault.calls).toEqual([]);
  });

  test('refuses if the client has no function to seal with', async () => {
    const reader = vault.client({ functions: { audit: 'vault-audit' }, intakeKeys: [] });

    await expect(reader.seal(sealInput())).rejects.toThrow('intakeKeys: expected at least one, got none');
    await expect(reader.revoke({ walletId: 'w', chain: 'EVM', reason: 'r' })).rejects.toThrow('functions.revoke');
  });
});

test.each([
  ['has no record', { recordId: undefined }],
  ['has a record that is no UUID', { recordId: 'record' }],
  ['has no key', { keyId: undefined }],
  ['has no time', { createdAt: 7 }],
  ['superseded what is no UUID', { supersededRecordId: 'record' }],
])('seal refuses a response that %s', async (_what, change) => {
  vault.troubles.push({ response: (honest) => ({ ...honest, ...change }) });

  await expect(client.seal(sealInput())).rejects.toThrowWithCode('ResponseRejected');
  expect(vault.calls).toHaveLength(1);
});

test('a seal that the vault refuses is sent once', async () => {
  vault.troubles.push({ fault: new Fault('TransportRejected', 'expected the header of the request') });

  await expect(client.seal(sealInput({ walletId: randomUUID() }))).rejects.toThrowWithCode('TransportRejected');
  expect(vault.calls).toHaveLength(1);
});
