import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalVault, startVault } from '../../../../local/vault';
import { codeOf, createdOf } from '../../../e2e/deliveries';
import { type TestWallet, makeWallet } from '../../../e2e/harness';
import { logFolder } from '../../../support/run';
import { synthesized } from '../../../support/synthesized';
import { freshData } from '../../../support/vault-template';

const KIND = 'delegated-share';
const FOLDER = synthesized(join(__dirname, 'logins-stack.ts'));

/** Keys and bodies elsewhere, without a permission for web identity tokens. Only `google` has a route to STS. */
describe.each([
  ['google', 'cryptoKeys/share-key'],
  ['vault', 'transit/keys/share-key'],
])('a local vault that logs in at %s by signed requests', (name, key) => {
  const [delivered, sealed] = [makeWallet(), makeWallet()];
  let dataDir: string;
  let vault: LocalVault;
  beforeAll(async () => {
    const template = join(FOLDER, name, 'ShareVault-dev.template.json');
    dataDir = await freshData(template);
    vault = await startVault({ template, dataDir, logDir: logFolder() });
  });
  afterAll(async () => {
    await vault.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const unseal = async ({ walletId, chain }: TestWallet): Promise<Buffer> => {
    using record = await vault.client('backend').unseal({ kind: KIND, walletId, chain, reason: 'test' });
    return Buffer.from(record.delegatedShare);
  };
  const stored = (): string => {
    const [file = ''] = globSync('elsewhere/*{-,.}{secrets,entries}.json', { cwd: dataDir });
    return readFileSync(join(dataDir, file), 'utf8');
  };
  const set = (operation: 'DisableKey' | 'EnableKey'): unknown =>
    vault.kms.handle({ operation, input: { KeyId: vault.keys.shareKeyArn }, accessKeyId: 'test' });

  test('seals a delivery and a record, and opens both without AWS KMS', async () => {
    expect(await codeOf(vault, createdOf(delivered, vault.webhook))).toBe('200 Sealed');
    await vault.client('backend').seal({ kind: KIND, ...sealed });

    await set('DisableKey');
    const opened = [await unseal(delivered), await unseal(sealed)];
    await set('EnableKey');

    expect(opened).toEqual([delivered.materials.delegatedShare, sealed.materials.delegatedShare]);
  });

  test('wraps each record to the key there, and destroys a body with its record', async () => {
    const { walletId, chain } = delivered;
    const { records } = await vault.client('auditor').records({ walletId, chain });
    const [body = ''] = records.map(({ recordId }) => recordId);
    const before = stored();
    await vault.client('backend').revoke({ walletId, chain, reason: 'test' });

    expect(records.flatMap(({ wrappedKeys = [] }) => wrappedKeys)).toContainEqual(expect.stringContaining(key));
    expect([before.includes(body), stored().includes(body)]).toEqual([true, false]);
  });

  test('asks for no web identity token, and is refused nothing', () => {
    const actions = vault.trail.entries.filter(({ result }) => result !== 'ok').map(({ action }) => action);

    // the disabled key
    expect(new Set(actions)).toEqual(new Set(['kms:Decrypt']));
    expect(JSON.stringify(vault.template.roles())).not.toContain('GetWebIdentityToken');
  });
});
