import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { runDemo } from '../../../local/demo/demo';
import { showRotation } from '../../../local/demo/rotation';
import { showServerKeyShares } from '../../../local/demo/server-key-shares';
import { Report } from '../../../local/demo/report';
import type { LocalVault } from '../../../local/vault';

test.each(['seal', 'unseal', 'audit'])('the demo starts nothing if no actor may call %s', async (missing) => {
  const actor = (...keys: readonly string[]): string => {
    if (keys.includes(missing)) throw new Error(`expected an actor that may call ${missing}, got none`);
    return 'signer';
  };
  const out = new PassThrough();

  const ran = runDemo({ actor } as LocalVault, new Report(out), true);

  await expect(ran).rejects.toThrow(`may call ${missing}`);
  expect(out.read()).toBeNull();
});

test.each([
  ['the kind', { signer: ['delegated-share'] }, { signer: [] }],
  ['the right to read properties', { signer: ['server-key-shares'] }, { auditor: [] }],
])('the demo skips server key shares if no actor has %s', async (_what, actors, readers) => {
  const functionEnv = (key: string) => ({
    SHARE_VAULT_ACTORS: JSON.stringify(key === 'properties' ? readers : actors),
  });
  const out = new PassThrough();

  await showServerKeyShares({ functionEnv } as unknown as LocalVault, new Report(out));

  expect(out.read()).toBeNull();
});

test.each([
  ['a state machine', [], 'arn:aws:kms:us-east-1:111122223333:key/one'],
  ['a share key in AWS KMS', [{ name: 'share-vault-dev-reseal' }], ''],
])('the demo rotates nothing if the vault has no %s', async (_what, machines, shareKeyArn) => {
  const out = new PassThrough();
  const template = { stateMachines: () => machines };

  await showRotation({ environment: 'dev', keys: { shareKeyArn }, template } as unknown as LocalVault, new Report(out));

  expect(out.read()).toBeNull();
});
