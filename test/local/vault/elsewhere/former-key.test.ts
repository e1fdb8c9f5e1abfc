import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalVault, startVault } from '../../../../local/vault';
import { makeWallet } from '../../../e2e/harness';
import { logFolder } from '../../../support/run';
import { synthesized } from '../../../support/synthesized';
import { freshData } from '../../../support/vault-template';

const FOLDER = synthesized(join(__dirname, 'former-key-stack.ts'));
const template = (step: string): string => join(FOLDER, step, 'ShareVault-dev.template.json');

let dataDir: string;
const { materials, ...wallet } = makeWallet();
const deploy = (step: string): Promise<LocalVault> =>
  startVault({ template: template(step), dataDir, logDir: logFolder() });

/** Deploys a step, and opens the record that the key at Google sealed. */
async function openAfter(step: string): Promise<Buffer> {
  const { walletId, chain } = wallet;
  const vault = await deploy(step);
  try {
    using record = await vault.client('backend').unseal({ kind: 'delegated-share', walletId, chain, reason: 'test' });
    return Buffer.from(record.delegatedShare);
  } finally {
    await vault.close();
  }
}

beforeAll(async () => {
  dataDir = await freshData(template('both'));
  const vault = await deploy('both');
  try {
    await vault.client('backend').seal({ kind: 'delegated-share', ...wallet, materials });
  } finally {
    await vault.close();
  }
});
afterAll(() => rmSync(dataDir, { recursive: true }));

test('a deploy with the former share key among the other keys, which only wrap, is refused', async () => {
  await expect(deploy('wraps')).rejects.toThrow('share key: expected every record under');
});

test.each([
  ['among the other keys, if the vault opens with them', 'opens'],
  ['among the other keys and the retiring ones', 'retires'],
])('a deploy opens what the former share key sealed: it is %s', async (_how, step) => {
  expect(await openAfter(step)).toEqual(materials.delegatedShare);
});
