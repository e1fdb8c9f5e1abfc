import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { FakeVault } from './support/fake-vault';
import { sealInput, unsealInput } from './support/inputs';
import { useFakeVault, vault } from './support/use-fake-vault';

/* The client's tests rely on this: the fake refuses the same requests as the vault. */

useFakeVault();

/** Returns the `errorType` of the response to a request that differs from the client's. */
async function refusalOf(change: (request: Readonly<Record<string, unknown>>) => object): Promise<unknown> {
  vault.troubles.push({ drop: 'before' });
  await expect(vault.client({ attempts: 1 }).seal(sealInput())).rejects.toThrowWithCode('TransportFailed');
  const kept = JSON.parse(vault.calls.at(-1)?.payload ?? '') as Record<string, unknown>;
  const Payload = JSON.stringify(change(kept));
  const response = await vault
    .lambda()
    .send(new InvokeCommand({ FunctionName: 'vault-seal', Qualifier: 'a', Payload }));
  return (JSON.parse(response.Payload?.transformToString() ?? '') as { readonly errorType?: unknown }).errorType;
}

describe('the fake vault', () => {
  test('accepts an unchanged request, so that each refusal below is caused by its change', async () => {
    expect(await refusalOf((request) => request)).toBeUndefined();
  });

  test.each([
    ['another wallet', { walletId: 'another' }],
    ['another user', { userId: 'another' }],
    ['another chain', { chain: 'SOL' }],
  ])('refuses a transport that was captured and sent for %s', async (_what, change) => {
    expect(await refusalOf((request) => ({ ...request, ...change }))).toBe('TransportRejected');
  });

  test('refuses a transport in the place of another', async () => {
    const swapped = (materials: Readonly<Record<string, unknown>>) => ({
      delegatedShare: materials.walletApiKey,
      walletApiKey: materials.delegatedShare,
    });

    expect(
      await refusalOf((request) => ({ ...request, materials: swapped(request.materials as Record<string, unknown>) })),
    ).toBe('TransportRejected');
  });

  test('does not open what is encrypted to another key', async () => {
    const other = await FakeVault.start();
    const { publicKey } = other.functions;
    await other.stop();
    const misled = vault.client({ intakeKeys: [{ kid: 'intake-1', publicKey }] });

    await expect(misled.seal(sealInput())).rejects.toThrowWithCode('UnknownError');
  });

  test('returns materials under keys that only their recipient has', async () => {
    const input = sealInput({ materials: { delegatedShare: randomBytes(600), walletApiKey: randomBytes(64) } });
    await vault.client().seal(input);
    const responses: unknown[] = [];
    vault.troubles.push({ response: (honest) => responses[responses.push(honest) - 1] });

    using first = await vault.client().unseal(unsealInput(input));
    vault.troubles.push({ response: () => responses[0] });

    expect(first.accessCount).toBe(1);
    await expect(vault.client().unseal(unsealInput(input))).rejects.toThrowWithCode('ResponseRejected');
  });
});
