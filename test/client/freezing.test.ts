import { beforeEach, describe, expect, test } from '@jest/globals';
import { type FreezeInput, ShareVaultClient } from '../../client/index';
import { Fault } from './support/fault';
import { sealInput, unsealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();
beforeEach(() => {
  vault.freezes.facts.length = 0;
});

const INPUTS: readonly FreezeInput[] = [
  { scope: 'all', reason: 'ticket 4711' },
  { scope: 'callers', reason: 'ticket 4711' },
  { scope: 'actor', name: 'signer', reason: 'ticket 4711' },
  { scope: 'kind', name: 'delegated-share', reason: 'ticket 4711' },
];

describe('ShareVaultClient.freeze', () => {
  test.each(INPUTS)('freezes %j, and returns its number and how many are in force', async (input) => {
    const response = await client.freeze(input);

    expect(response).toEqual({ freezeId: 1, frozenAt: expect.any(String), inForce: 1 });
    const { reason, ...freeze } = input;
    const [{ payload, functionName, qualifier } = { payload: '{}' }] = vault.calls;
    expect([functionName, qualifier]).toEqual(['vault-freeze', 'signer']);
    expect(JSON.parse(payload)).toEqual({ action: 'freeze', freeze, reason });
  });

  test.each([
    ['no reason', { scope: 'all' }],
    ['a name of all', { scope: 'all', name: 'signer', reason: 'r' }],
    ['no name of an actor', { scope: 'actor', reason: 'r' }],
    ['an unknown kind', { scope: 'kind', name: 'shares', reason: 'r' }],
    ['another scope', { scope: 'vault', reason: 'r' }],
  ])('throws a TypeError for %s before anything is sent', async (_what, input) => {
    await expect(client.freeze(input as unknown as FreezeInput)).rejects.toThrow(/^arguments of freeze: /);
    expect(vault.calls).toEqual([]);
  });

  test('is tried again after a lost response, which freezes twice, and both are listed', async () => {
    vault.troubles.push({ drop: 'after' });

    await expect(client.freeze({ scope: 'all', reason: 'r' })).resolves.toMatchObject({ inForce: 2 });

    await expect(client.freezes()).resolves.toMatchObject({ inForce: 2, freezes: [{ freezeId: 2 }, { freezeId: 1 }] });
  });
});

describe('a thaw', () => {
  const second = (): ShareVaultClient => vault.client({ actor: 'second' });

  test('takes a request, and a confirmation by another actor', async () => {
    const { freezeId } = await client.freeze({ scope: 'all', reason: 'r' });
    const requested = await client.requestThaw({ freezeId, reason: 'over' });

    await expect(client.confirmThaw({ freezeId })).rejects.toThrowWithCode('Conflict');
    const thawed = await second().confirmThaw({ freezeId });

    expect(requested).toEqual({ confirmUntil: expect.any(String), inForce: 1 });
    expect(thawed).toEqual({ thawedAt: expect.any(String), inForce: 0 });
    expect(vault.calls.at(-1)).toMatchObject({ functionName: 'vault-thaw', qualifier: 'second' });
  });

  test('of an unknown number is refused with NotFound', async () => {
    await expect(client.requestThaw({ freezeId: 9, reason: 'over' })).rejects.toThrowWithCode('NotFound');
  });
});

test.each([
  ['freeze', { freeze: 'vault-freeze', thaw: 'vault-thaw' }],
  ['freeze', { freeze: 'vault-freeze' }],
  ['thaw', { thaw: 'vault-thaw' }],
])('ShareVaultClient.freezes asks the function %s of a client with %j', async (name, functions) => {
  await vault.client({ functions, intakeKeys: [] }).freezes();

  expect(vault.calls).toMatchObject([{ functionName: `vault-${name}`, payload: '{"action":"list"}' }]);
});

test('an unseal that is frozen is not tried again', async () => {
  vault.troubles.push({ fault: new Fault('Frozen', 'expected openings to be allowed, got them frozen') });

  await expect(client.unseal(unsealInput(sealInput()))).rejects.toMatchObject({ code: 'Frozen', retryable: false });
  expect(vault.calls).toHaveLength(1);
});
