import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { REASON, sealInput, serverKeySharesInput, unsealInput } from './support/inputs';
import { toRecipient } from './support/jwe';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const sent = (call: number) => JSON.parse(vault.calls[call]?.payload ?? '{}') as Record<string, unknown>;

describe('server key shares', () => {
  test('are sealed as their kind, with the account as public key, and every other member unchanged', async () => {
    const input = serverKeySharesInput();
    const facts = { shareSetId: 'set-1', walletProperties: '{"a":1}', expectedVersion: 0, force: false };

    const { recordId } = await client.sealServerKeyShares({ ...input, ...facts });

    expect(recordId).toMatch(/^[0-9a-f-]{36}$/);
    expect(vault.calls).toMatchObject([{ functionName: 'vault-seal', qualifier: 'signer' }]);
    expect(sent(0)).toEqual({
      kind: 'server-key-shares',
      walletId: input.walletId,
      chain: 'EVM',
      userId: 'user-1',
      publicKey: '0x2b',
      ...facts,
      materials: { serverKeyShares: expect.any(String) },
    });
    expect(vault.functions.arrived).toMatchObject([{ kind: 'server-key-shares', field: 'server_key_shares' }]);
  });

  test.each([
    ['one byte', Buffer.from([0])],
    ['64 KiB', randomBytes(65_536)],
    ['no JSON', Buffer.from('[{"share": ')],
    ['no text', Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x00])],
  ])('are returned byte for byte if they are %s', async (_what, serverKeyShares) => {
    const { walletId, chain } = serverKeySharesInput();
    await client.sealServerKeyShares({ walletId, chain, serverKeyShares });

    await using record = await client.unsealServerKeyShares({ walletId, chain, reason: REASON });

    expect(Buffer.from(record.serverKeyShares).equals(serverKeyShares)).toBe(true);
    expect(record.kind).toBe('server-key-shares');
    expect(sent(1)).toMatchObject({ kind: 'server-key-shares', walletId, chain, reason: REASON });
  });

  test('have been read when the call returns its promise, so that its caller can wipe them at once', async () => {
    const input = serverKeySharesInput();
    const shares = Buffer.from(input.serverKeyShares);

    const sealed = client.sealServerKeyShares(input);
    input.serverKeyShares.fill(0);
    await sealed;

    await using record = await client.unsealServerKeyShares({ walletId: input.walletId, chain: 'EVM', reason: REASON });
    expect(Buffer.from(record.serverKeyShares).equals(shares)).toBe(true);
  });

  test('are a record beside the delegated share of the same wallet', async () => {
    const delegated = sealInput();
    const shares = serverKeySharesInput({ walletId: delegated.walletId });
    await client.seal(delegated);
    await client.sealServerKeyShares(shares);

    using record = await client.unseal(unsealInput(delegated));
    using other = await client.unseal({ ...unsealInput(delegated), kind: 'server-key-shares' });

    expect(record.recordId).not.toBe(other.recordId);
    expect(Buffer.from(record.delegatedShare).equals(delegated.materials.delegatedShare)).toBe(true);
    expect(Buffer.from(other.serverKeyShares).equals(shares.serverKeyShares)).toBe(true);
  });

  test('of a wallet that has only a delegated share are not found', async () => {
    const delegated = sealInput();
    await client.seal(delegated);
    const { walletId, chain } = delegated;

    await expect(client.unsealServerKeyShares({ walletId, chain, reason: REASON })).rejects.toThrowWithCode('NotFound');
  });

  test('are not replaced unless the call names the record', async () => {
    const input = serverKeySharesInput();
    const { recordId } = await client.sealServerKeyShares(input);

    await expect(client.sealServerKeyShares(input)).rejects.toThrowWithCode('Conflict');
    const again = await client.sealServerKeyShares({ ...input, supersedes: recordId });

    expect(again.supersededRecordId).toBe(recordId);
  });

  test('that were sealed under other properties than the present ones are reported as such', async () => {
    const input = serverKeySharesInput({ walletProperties: '{"a":1}' });
    const { walletId, chain } = input;
    await client.sealServerKeyShares(input);
    using before = await client.unsealServerKeyShares({ walletId, chain, reason: REASON });

    await client.replaceWalletProperties({ walletId, chain, walletProperties: '{"a":2}', expectedVersion: 1 });

    using after = await client.unsealServerKeyShares({ walletId, chain, reason: REASON });
    expect([before.propertiesChanged, after.propertiesChanged]).toEqual([false, true]);
  });
});

describe('before anything is sent, sealServerKeyShares refuses', () => {
  test.each<[string, unknown, ErrorConstructor, RegExp]>([
    ['a string', 'secret', TypeError, /serverKeyShares: expected a Uint8Array, got a string; a string can't be overwr/],
    ['a list of objects', [{ share: 1 }], TypeError, /serverKeyShares: expected a Uint8Array, got something else/],
    ['nothing', undefined, TypeError, /serverKeyShares: expected a Uint8Array/],
    ['no byte', new Uint8Array(), RangeError, /serverKeyShares: expected 1 to 65536 bytes, got 0/],
    ['more than 64 KiB', new Uint8Array(65_537), RangeError, /expected 1 to 65536 bytes, got 65537/],
  ])('%s', async (_what, serverKeyShares, type, message) => {
    const refused = client.sealServerKeyShares(
      serverKeySharesInput({ serverKeyShares: serverKeyShares as Uint8Array }),
    );

    await expect(refused).rejects.toThrow(type);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });

  test.each([
    ['an unknown member', { accountAdress: '0x2b' }, 'input: got an unknown member'],
    [
      'a version that is no number',
      { walletProperties: '{}', expectedVersion: '1' },
      'expectedVersion: expected a who',
    ],
    ['a text that is no force', { force: 'yes' }, 'force: expected true or false'],
    ['properties over 256 KiB', { walletProperties: ' '.repeat(262_145) }, 'walletProperties: expected at most 262144'],
  ])('%s', async (_what, change, message) => {
    const refused = client.sealServerKeyShares({ ...serverKeySharesInput(), ...change } as never);

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });
});

describe('an unseal of server key shares refuses', () => {
  test('a record of another kind than it asked for', async () => {
    const input = serverKeySharesInput();
    await client.sealServerKeyShares(input);
    vault.troubles.push({
      response: (honest) => ({
        ...honest,
        kind: 'delegated-share',
        materials: { delegatedShare: '', walletApiKey: '' },
      }),
    });

    const swapped = client.unsealServerKeyShares({ walletId: input.walletId, chain: 'EVM', reason: REASON });
    await expect(swapped).rejects.toThrowWithCode('ResponseRejected');
    await expect(swapped).rejects.toThrow('kind: expected server-key-shares, got delegated-share');
  });

  test('a material of another field', async () => {
    const input = serverKeySharesInput();
    await client.sealServerKeyShares(input);
    vault.functions.write = (bytes, header, to) => toRecipient(bytes, { ...header, field: 'delegated_share' }, to);

    const refused = client.unsealServerKeyShares({ walletId: input.walletId, chain: 'EVM', reason: REASON });

    await expect(refused).rejects.toThrowWithCode('ResponseRejected');
    vault.functions.write = toRecipient;
  });
});
