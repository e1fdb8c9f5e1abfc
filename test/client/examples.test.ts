import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { material } from '../support/run';
import {
  activeWallets,
  clientsOfOneProcess,
  connect,
  freezeAndThaw,
  makeClient,
  openIfHeld,
  readProperties,
  refresh,
  revokeAndRead,
  seal,
  sealServerKeyShares,
  signWith,
  signWithServerKeyShares,
  signWithout,
  unsealAll,
} from './examples';
import { sealInput, serverKeySharesInput } from './support/inputs';
import { useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

describe('the examples of docs/client.md', () => {
  test('are the code that is checked and run here', () => {
    const code = readFileSync(join(__dirname, 'examples.ts'), 'utf8');
    const examples = [...code.matchAll(/^ *\/\/ example: .*\n([^]*?)^ *\/\/ end$/gm)];
    const page = readFileSync(join(__dirname, '../../docs/client.md'), 'utf8');
    const blocks = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)];

    // the import is above the functions
    const imports = "import { ShareVaultClient, ShareVaultError } from '@cdk-share-vault/client';\n";
    expect(blocks.map(([, block]) => block)).toEqual([
      imports + '\n' + dedent(examples[0]?.[1]),
      ...examples.slice(1).map(([, example]) => dedent(example)),
    ]);
  });

  test('connect by the variables of the process', async () => {
    const variables = { ENVIRONMENT: 'dev', ACTOR: 'signer', UNSEAL_FUNCTION: 'share-vault-dev-unseal' };
    for (const [name, value] of Object.entries(variables)) process.env[`SHARE_VAULT_${name}`] = value;
    process.env.AWS_REGION = 'eu-central-1';

    using client = await connect();

    expect(client).toHaveProperty('unseal');
  });

  test('freeze as one actor, and thaw as another one', async () => {
    const [oncall, security] = [vault.client({ actor: 'oncall' }), vault.client({ actor: 'security' })];

    await expect(freezeAndThaw(oncall, security)).resolves.toBe(0);
  });

  test('read what was sealed as wallet properties', async () => {
    const { kid, publicKey } = vault.functions;
    const client = makeClient({ kid, publicKey }, vault.lambda());
    const input = sealInput({ walletProperties: 'of the wallet' });
    await client.seal(input);

    const { version, walletProperties, first } = await readProperties(client, input.walletId);

    expect({ version, walletProperties }).toEqual({ version: 1, walletProperties: 'of the wallet' });
    expect(first).toMatchObject({ version: 1, walletProperties });
  });

  test('sign with the server key shares and the properties that were sealed', async () => {
    const { kid, publicKey } = vault.functions;
    const client = makeClient({ kid, publicKey }, vault.lambda());
    const created = { walletId: randomUUID(), accountAddress: '0x2b', serverKeyShares: material(900) };
    const shares = Buffer.from(created.serverKeyShares);

    await sealServerKeyShares(client, { ...created, walletProperties: 'of the wallet' });
    const signed = await signWithServerKeyShares(
      client,
      created.walletId,
      async (given, properties) => `${shares.equals(given) ? 'signed' : 'of another'} ${properties}`,
    );

    expect(created.serverKeyShares.every((byte) => byte === 0)).toBe(true);
    expect(signed).toBe('signed of the wallet');
  });

  test('open several wallets, and name those that failed', async () => {
    const { kid, publicKey } = vault.functions;
    const client = makeClient({ kid, publicKey }, vault.lambda());
    const input = serverKeySharesInput();
    await client.sealServerKeyShares(input);

    const lines = await unsealAll(client, [input.walletId, 'another']);

    expect(lines).toEqual([
      `${input.walletId} has 900 bytes`,
      expect.stringMatching(/^another failed: .*expected a record, got none$/),
    ]);
  });

  test('share properties among the clients of a process by way of a map', async () => {
    const input = sealInput({ walletProperties: 'of the wallet' });
    const options = { environment: 'dev', actor: 'backend', lambda: vault.lambda() };
    await vault.client().seal(input);
    vault.calls.length = 0;

    const clients = clientsOfOneProcess({ ...options, functions: { properties: 'vault-properties' } });
    for (const client of clients) await client.walletProperties(input);

    expect(vault.calls).toMatchObject([{ functionName: 'vault-properties', qualifier: 'signer' }]);
  });

  test('replace properties by a new version', async () => {
    const input = sealInput({ walletProperties: 'of the wallet' });
    const client = vault.client();
    await client.seal(input);

    const version = await refresh(client, input.walletId, (properties) => `${properties}, changed`);

    expect(version).toBe(2);
    expect(await client.walletProperties(input)).toMatchObject({ walletProperties: 'of the wallet, changed' });
  });

  test('list the wallets of a span of time with their rows', async () => {
    const input = sealInput();
    const client = vault.client();
    const from = new Date().toISOString();
    await client.seal(input);

    const lines = await activeWallets(client, from, new Date(Date.now() + 60_000).toISOString());
    const none = await activeWallets(client, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z');

    expect(lines.filter((line) => line.includes(input.walletId))).toEqual([
      expect.stringMatching(/^\S+Z \S+ delegated-share seal sealed$/),
    ]);
    expect(none).toEqual([]);
  });

  test('refuse to revoke a wallet whose id is mistyped', async () => {
    await expect(revokeAndRead(vault.client(), 'mistyped')).rejects.toThrow('its id may be mistyped');
  });

  test('have the effects that the page describes', async () => {
    const { kid, publicKey } = vault.functions;
    const client = makeClient({ kid, publicKey }, vault.lambda());
    const walletId = randomUUID();
    const materials = { delegatedShare: material(600), walletApiKey: material(64) };
    const share = Buffer.from(materials.delegatedShare);

    const recordId = await seal(client, walletId, materials);
    const signed = await signWith(client, walletId, async (given) => (share.equals(given) ? 'signed' : 'of another'));
    const again = await signWithout(client, walletId, async (given) => (share.equals(given) ? 'signed' : 'of another'));
    const lines = await revokeAndRead(client, walletId);

    expect(recordId).toMatch(/^[0-9a-f-]{36}$/);
    expect(materials.delegatedShare.every((byte) => byte === 0)).toBe(true);
    expect([signed, again]).toEqual(['signed', 'signed']);
    expect(lines).toEqual([
      '1 seal sealed signer',
      '2 unseal granted signer',
      '3 unseal granted signer',
      '4 revoke revoked signer',
      expect.stringMatching(/^intact [0-9a-f]{64}$/),
    ]);
    expect(await openIfHeld(client, randomUUID())).toBeUndefined();
    await expect(openIfHeld(client, walletId)).rejects.toThrowWithCode('Revoked');
  });
});

function dedent(example = ''): string {
  return example.replace(/^ {2}/gm, '');
}
