import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseMessage } from '../../../../lambda/message';
import { type LocalVault, startVault } from '../../../../local/vault';
import { makeWallet } from '../../../e2e/harness';
import { logFolder } from '../../../support/run';
import { synthesized } from '../../../support/synthesized';
import { freshData } from '../../../support/vault-template';

const TEMPLATE = join(synthesized(join(__dirname, 'keys-stack.ts')), 'ShareVault-dev.template.json');
const UNSEAL = { kind: 'delegated-share', reason: 'test' } as const;

interface Resource {
  readonly Type: string;
  readonly Properties?: object;
}

let dataDir: string;
let vault: LocalVault;
const wallet = makeWallet();
const start = (amend?: (template: object) => void): Promise<LocalVault> =>
  startVault({ template: TEMPLATE, dataDir, logDir: logFolder(), amend });

beforeAll(async () => {
  dataDir = await freshData(TEMPLATE);
  vault = await start();
  const { materials, walletId, userId, chain, publicKey } = wallet;
  await vault.client('backend').seal({ kind: 'delegated-share', walletId, userId, chain, publicKey, materials });
});
afterAll(() => vault.close());

/** Changes the state of the share key in AWS KMS. */
async function set(state: 'DisableKey' | 'EnableKey'): Promise<void> {
  const input = { KeyId: vault.keys.shareKeyArn };
  await vault.kms.handle({ operation: state, input, accessKeyId: 'test' });
}

async function unseal(): Promise<Buffer> {
  const { walletId, chain } = wallet;
  using record = await vault.client('backend').unseal({ ...UNSEAL, walletId, chain });
  return Buffer.from(record.delegatedShare);
}

test('a record is wrapped to the key in AWS KMS, to each key outside AWS in order, and to the recovery key', async () => {
  const database = await vault.database('superuser');
  const sql = 'SELECT encrypted_delegated_share AS sealed FROM vault.delegated_shares WHERE wallet_id = $1';
  const { rows } = await database.query<{ sealed: Buffer }>(sql, [wallet.walletId]);
  await database.end();

  const { dataKeys } = parseMessage(rows[0]?.sealed ?? Buffer.alloc(0));

  expect(dataKeys.map(({ providerId }) => providerId)).toEqual([
    'aws-kms',
    'gcp-kms',
    'azure-key-vault',
    'azure-managed-hsm',
    'vault-transit',
    'share-vault-recovery',
  ]);
});

test('a record opens with the key in AWS KMS, and with a key outside AWS while that key is disabled', async () => {
  const opened = [await unseal()];
  await set('DisableKey');
  try {
    opened.push(await unseal());
  } finally {
    await set('EnableKey');
  }

  const { delegatedShare } = wallet.materials;
  expect(opened.map((bytes) => bytes.equals(delegatedShare))).toEqual([true, true]);
});

test('the keys of the stand-ins are files that only their owner may read', () => {
  const folder = join(dataDir, 'elsewhere');
  const files = readdirSync(folder).filter((name) => name.endsWith('keys.json'));

  expect(files).toHaveLength(4);
  expect(files.map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8))).toEqual(Array(4).fill('600'));
});

describe('after a restart', () => {
  test('a record of the former run opens with a key outside AWS', async () => {
    await vault.close();
    vault = await start();
    await set('DisableKey');
    try {
      expect((await unseal()).equals(wallet.materials.delegatedShare)).toBe(true);
    } finally {
      await set('EnableKey');
    }
  });

  test('functions without a way out of their network seal nothing, and the trail names the host', async () => {
    await vault.close();
    vault = await start(isolate);
    const { materials, userId, chain, publicKey } = wallet;
    const sealed = vault
      .client('backend')
      .seal({ kind: 'delegated-share', walletId: 'isolated', userId, chain, publicKey, materials });

    await expect(sealed).rejects.toMatchObject({ code: 'KeyUnreachable' });

    expect(vault.trail.entries.filter(({ action }) => action === 'network:Connect').at(-1)).toMatchObject({
      principal: expect.stringMatching(/\/share-vault-dev-seal$/),
      resource: expect.stringMatching(/:(443|8200)$/),
      message: expect.stringContaining('expected a way out of its subnets'),
    });
  });
});

/** Leads every route to another place than the internet. */
function isolate(template: object): void {
  const { Resources } = template as { readonly Resources: Record<string, Resource> };
  const routes = Object.values(Resources).filter(({ Type }) => Type === 'AWS::EC2::Route');
  for (const { Properties = {} } of routes) Object.assign(Properties, { DestinationCidrBlock: '192.0.2.0/24' });
}
