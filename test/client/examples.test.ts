import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { material } from '../support/run';
import { makeClient, openIfHeld, readProperties, revokeAndRead, seal, signWith } from './examples';
import { sealInput } from './support/inputs';
import { useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

describe('the examples of docs/client.md', () => {
  test('are the code that is checked and run here', () => {
    const code = readFileSync(join(__dirname, 'examples.ts'), 'utf8');
    const examples = [...code.matchAll(/^ *\/\/ example: .*\n([^]*?)^ *\/\/ end$/gm)];
    const page = readFileSync(join(__dirname, '../../docs/client.md'), 'utf8');
    const blocks = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)];

    // the import is above the functions
    const imports = "import { ShareVaultClient, ShareVaultError } from 'share-vault';\n";
    expect(blocks.map(([, block]) => block)).toEqual([
      imports + '\n' + dedent(examples[0]?.[1]),
      ...examples.slice(1).map(([, example]) => dedent(example)),
    ]);
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

  test('have the effects that the page describes', async () => {
    const { kid, publicKey } = vault.functions;
    const client = makeClient({ kid, publicKey }, vault.lambda());
    const walletId = randomUUID();
    const materials = { delegatedShare: material(600), walletApiKey: material(64) };
    const share = Buffer.from(materials.delegatedShare);

    const recordId = await seal(client, walletId, materials);
    const signed = await signWith(client, walletId, async (given) => (share.equals(given) ? 'signed' : 'of another'));
    const lines = await revokeAndRead(client, walletId);

    expect(recordId).toMatch(/^[0-9a-f-]{36}$/);
    expect(materials.delegatedShare.every((byte) => byte === 0)).toBe(true);
    expect(signed).toBe('signed');
    expect(lines).toEqual([
      '1 seal sealed signer',
      '2 unseal granted signer',
      '3 revoke revoked signer',
      expect.stringMatching(/^intact [0-9a-f]{64}$/),
    ]);
    expect(await openIfHeld(client, randomUUID())).toBeUndefined();
    await expect(openIfHeld(client, walletId)).rejects.toThrowWithCode('Revoked');
  });
});

function dedent(example = ''): string {
  return example.replace(/^ {2}/gm, '');
}
