import { describe, expect, test } from '@jest/globals';
import { REASON, sealInput, unsealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

interface Sent {
  readonly req: string;
  readonly recipient: Readonly<Record<string, string>>;
}
const sent = (call: number) => JSON.parse(vault.calls[call]?.payload ?? '{}') as Sent;

describe('unseal', () => {
  test.each(['P-256', 'X25519'] as const)('returns the bytes that were sealed, by way of a %s key', async (curve) => {
    const input = sealInput();
    const { recordId } = await client.seal(input);

    using record = await vault.client({ recipientCurve: curve }).unseal(unsealInput(input));

    expect(Buffer.from(record.delegatedShare).equals(input.materials.delegatedShare)).toBe(true);
    expect(Buffer.from(record.walletApiKey).equals(input.materials.walletApiKey)).toBe(true);
    expect(record.toJSON()).toEqual({
      recordId,
      kind: 'delegated-share',
      publicKey: '0x2b',
      accessCount: 1,
      propertiesChanged: false,
    });
    expect(sent(1).recipient.crv).toBe(curve);
  });

  test('asks as the actor, for this wallet, with a reason, to a public key and nothing private', async () => {
    const input = sealInput();
    await client.seal(input);

    using record = await client.unseal({ ...unsealInput(input), userId: 'user-1' });

    expect(record.accessCount).toBe(1);
    expect(vault.calls[1]).toMatchObject({ functionName: 'vault-unseal', qualifier: 'signer' });
    expect(sent(1)).toStrictEqual({
      kind: 'delegated-share',
      walletId: input.walletId,
      chain: 'EVM',
      userId: 'user-1',
      reason: REASON,
      req: expect.stringMatching(/^[A-Za-z0-9_-]{21}[AQgw]$/),
      recipient: {
        kty: 'EC',
        crv: 'P-256',
        x: expect.stringMatching(/^[\w-]{43}$/),
        y: expect.stringMatching(/^[\w-]{43}$/),
      },
    });
  });

  test('makes another key and another req for every call', async () => {
    const input = sealInput();
    await client.seal(input);

    using first = await client.unseal(unsealInput(input));
    using second = await client.unseal(unsealInput(input));

    expect([first.accessCount, second.accessCount]).toEqual([1, 2]);
    expect(sent(2).req).not.toBe(sent(1).req);
    expect(sent(2).recipient.x).not.toBe(sent(1).recipient.x);
  });

  test('sends the same request again if its response is lost', async () => {
    const input = sealInput();
    await client.seal(input);
    vault.troubles.push({ drop: 'after' });

    using record = await client.unseal(unsealInput(input));

    expect(record.accessCount).toBe(2);
    expect(vault.calls).toHaveLength(3);
    expect(sent(2)).toEqual(sent(1));
  });

  test('returns nothing of a wallet that the vault does not hold', async () => {
    await expect(client.unseal(unsealInput(sealInput()))).rejects.toThrowWithCode('NotFound');
  });

  test('returns nothing of a wallet that was revoked', async () => {
    const input = sealInput();
    await client.seal(input);
    await client.revoke({ walletId: input.walletId, chain: 'EVM', reason: 'user left' });

    await expect(client.unseal(unsealInput(input))).rejects.toThrowWithCode('Revoked');
  });

  test('refuses an unknown kind before it asks', async () => {
    const input = { ...unsealInput(sealInput()), kind: 'share' as 'delegated-share' };

    await expect(client.unseal(input)).rejects.toThrow(TypeError);
    expect(vault.calls).toEqual([]);
  });
});
