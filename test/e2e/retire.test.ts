import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DecryptCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type LocalVault, startVault } from '../../local/vault';
import { endpointConfig } from '../../local/vault/endpoint';
import { shippedBundles } from '../../local/vault/shipped';
import { parseMessage } from '../../lambda/message';
import { commandFile } from '../support/commands';
import { matchesPattern } from '../support/event-match';
import { logFolder } from '../support/run';
import { synthesized } from '../support/synthesized';
import { useEndpoint } from '../support/use-endpoint';
import { freshData } from '../support/vault-template';
import { makeWallet, sealWallet, sql, unsealWallet } from './harness';
import { type Deploy, templateOf } from './retire-stack';

/** The steps of docs/rotation.md, "Replace a share key", by the commands that it names: each test is one, in their order. */
const FOLDER = synthesized(join(__dirname, 'retire-stack.ts'));

let vault: LocalVault;
let dataDir: string | undefined;
let former: string;
let logDir: string;
const [moved, kept] = [makeWallet(), makeWallet()];
/** A message as a backup has it, and the key that its row names. */
let old: { readonly share: Buffer; readonly api_key: Buffer };

/** Deploys a template to the account of before: its keys and its database stay. */
async function deploy(name: Deploy): Promise<void> {
  const template = templateOf(FOLDER, name);
  dataDir ??= await freshData(template);
  await (vault as LocalVault | undefined)?.close();
  logDir = logFolder();
  vault = await startVault({ template, bundles: shippedBundles(), logDir, dataDir, longestWaitSeconds: 0.05 });
  useEndpoint(vault);
}

/** Runs the command as it ships. */
function run(...args: string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  const all = [commandFile('share-vault'), ...args, '--environment', 'local'];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env: process.env }, (error, stdout, stderr) => {
      appendFileSync(join(logFolder(), 'commands.log'), stdout + stderr);
      resolve({ code: error?.code ?? 0, output: stdout + stderr });
    });
  });
}
const retire = (...more: string[]) => run('keys', 'retire', former, '--former', '--yes', '--actor', 'signer', ...more);

async function stateOfFormer(): Promise<string | undefined> {
  const kms = new KMSClient(endpointConfig(vault));
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: former }));
  kms.destroy();
  return KeyMetadata?.KeyState;
}

/** Returns what the log lines of `unseal` count by a metric. */
function counted(metric: string): readonly unknown[] {
  return readFileSync(join(logDir, `${vault.functions.unseal}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): unknown => Reflect.get(JSON.parse(line) as object, metric))
    .filter((count) => count !== undefined);
}

/** Returns the KMS calls of this deploy that the rule on retiring keys reports, in the form of CloudTrail's events. */
function reported(): readonly string[] {
  const rule = vault.template.eventRules().find(({ name }) => name.endsWith('-RetiringKeyUse'));
  return vault.trail.entries.flatMap(({ action, principal, resource, result }) => {
    const [source = '', eventName = ''] = action.split(':');
    const roleName = principal.split('/')[1];
    const role = vault.template.roles().find(({ name }) => name === roleName);
    const detail = {
      ...{ eventSource: `${source}.amazonaws.com`, eventName, resources: [{ ARN: resource }] },
      ...(role && { userIdentity: { sessionContext: { sessionIssuer: { arn: role.arn } } } }),
      ...(result !== 'ok' && { errorCode: result }),
    };
    const event = { source: `aws.${source}`, 'detail-type': 'AWS API Call via CloudTrail', detail };
    return matchesPattern(rule?.pattern, event) ? [`${eventName} ${result}`] : [];
  });
}

/** Puts a message of a backup back into its row. */
const bringBack = () =>
  sql(
    vault,
    `UPDATE vault.delegated_shares SET encrypted_delegated_share = $2, encrypted_wallet_api_key = $3,
      encryption_key_id = $4, key_material_id = '' WHERE wallet_id = $1`,
    [moved.walletId, old.share, old.api_key, former],
  );

beforeAll(async () => {
  await deploy('own');
  former = vault.keys.shareKeyArn;
  for (const wallet of [moved, kept]) await sealWallet(vault, wallet);
  const columns = 'encrypted_delegated_share AS share, encrypted_wallet_api_key AS api_key';
  const [row] = await sql<typeof old>(vault, `SELECT ${columns} FROM vault.delegated_shares WHERE wallet_id = $1`, [moved.walletId]); // prettier-ignore
  if (row === undefined) throw new Error('expected a record, got none');
  old = row;
  await deploy('opens');
  await deploy('traded');
  // an hour later: the functions of the former deploy seal no more
  await sql(vault, "UPDATE vault.sealing_keys SET sealed_until = now() WHERE sealed_until < 'infinity'");
});
afterAll(async () => {
  await vault.close();
  if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
});

test('a former share key is not retired while records need it, which still open', async () => {
  expect(vault.keys.shareKeyArn).not.toBe(former);
  expect(await retire()).toEqual({
    code: 5,
    output: expect.stringContaining('expected no record under the key, got 2: share-vault reseal start'),
  });
  expect(await stateOfFormer()).toBe('Enabled');
  expect(await unsealWallet(vault, moved)).toEqual(moved.materials);
  expect(counted('OpenedByRetiringKey')).toEqual([2]);
});

test('an old message raises the alarm from when a reseal left no record under its key, and a planned reseal does not', async () => {
  expect(await run('reseal', 'start', '--watch', '--actor', 'signer')).toMatchObject({ code: 0 });
  expect([counted('OpenedByRetiredKey'), reported()]).toEqual([[], []]);
  await bringBack();

  // an opening within a second of the receipt may be older
  while (counted('OpenedByRetiredKey').length === 0) {
    expect(await unsealWallet(vault, moved)).toEqual(moved.materials);
  }
  expect(counted('OpenedByRetiredKey')).toEqual([2]);
  expect(reported()).toEqual([]);
});

test('a stranger who calls KMS with a former share key is refused and reported', async () => {
  const kms = new KMSClient(endpointConfig(vault));
  const { dataKeys, context } = parseMessage(old.share);
  const stolen = { CiphertextBlob: dataKeys[0]?.ciphertext, EncryptionContext: Object.fromEntries(context) };

  await expect(kms.send(new DecryptCommand(stolen))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  kms.destroy();
  expect(reported()).toEqual(['Decrypt AccessDeniedException']);
});

test('a former share key is disabled after a reseal, and the command says until when backups need it', async () => {
  expect(await run('reseal', 'start', '--watch', '--actor', 'signer')).toMatchObject({ code: 0 });

  const { code, output } = await retire();
  expect(output).toMatch(/state {2,}Disabled\nbackups need it until {2,}\d{4}-/);
  expect(code).toBe(0);
  expect(await stateOfFormer()).toBe('Disabled');
  for (const wallet of [moved, kept]) expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
});

test('an old message opens with nothing once its key is disabled, and the vault says so', async () => {
  await bringBack();

  await expect(unsealWallet(vault, moved)).rejects.toMatchObject({ code: 'KeyUnavailable' });
  expect(reported()).toContain('Decrypt DisabledException');
  expect(await unsealWallet(vault, kept)).toEqual(kept.materials);
  const reseal = await run('reseal', 'start', '--watch', '--actor', 'signer');
  expect(reseal).toMatchObject({ code: 1, output: expect.stringContaining('FAILED') });
  const listed = await run('reseal', 'status', '--failures', '--actor', 'signer');
  expect(listed).toMatchObject({ code: 1, output: expect.stringMatching(/^KeyUnavailable {2}delegated-share/) });
});

test('a former share key is not deleted while a record or a backup needs it', async () => {
  expect((await retire('--delete')).output).toContain('expected no record under the key, got 1');
  await sql(vault, 'DELETE FROM vault.delegated_shares WHERE wallet_id = $1', [moved.walletId]);
  // the last receipt still has the record: it is unknown since when the key is free
  expect((await retire('--delete')).output).toContain(
    'expected a receipt of a reseal that left no record under the key',
  );
  expect(await run('reseal', 'start', '--watch', '--actor', 'signer')).toMatchObject({ code: 0 });

  expect(await retire('--delete')).toMatchObject({
    code: 5,
    output: expect.stringMatching(/expected no backup that needs the key, got backups until \d{4}-/),
  });
  expect(await stateOfFormer()).toBe('Disabled');
  expect(await retire('--delete', '--despite-backups')).toMatchObject({ code: 0 });
  expect(await stateOfFormer()).toBe('PendingDeletion');
});
