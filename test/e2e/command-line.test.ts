import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shellQuote } from '../../client/commands/shell-quote';
import type { LocalVault } from '../../local/vault';
import { commandFile } from '../support/commands';
import { logFolder, material } from '../support/run';
import { useEndpoint } from '../support/use-endpoint';
import { startTestVault } from './harness';

const PAGE = readFileSync(join(__dirname, '../../docs/command-line.md'), 'utf8');
/** The page's blocks of commands, by the heading above each. */
const BLOCKS = PAGE.split(/^## /m).flatMap((section) => {
  const [heading = ''] = section.split('\n');
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => ({ heading, block }));
});
const MATERIALS = { 'share.json': material(457), 'key.txt': material(51), 'shares.json': material(3_000) };
const PROPERTIES = '{"externalServerKeySharesBackupInfo":{"passwordEncrypted":false}}\n';

let vault: LocalVault;
let folder: string;
/** The output of each block. */
const printed: string[] = [];

beforeAll(async () => {
  vault = await startTestVault();
  useEndpoint(vault);
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
  for (const [name, contents] of Object.entries(MATERIALS)) writeFileSync(join(folder, name), contents);
  writeFileSync(join(folder, 'properties.json'), PROPERTIES);
  writeFileSync(join(folder, 'secret.txt'), vault.webhook.secret);
});
afterAll(() => vault.close());

/** Runs a block in bash, in the shell that the blocks before it have set up. */
async function runBlock(block: string): Promise<string> {
  const command = [process.execPath, commandFile('share-vault')].map(shellQuote).join(' ');
  const setUp = `set -euo pipefail; share-vault() { ${command} "$@"; }; SHARE_VAULT_ENVIRONMENT=local SHARE_VAULT_ACTOR=signer; export SHARE_VAULT_ENVIRONMENT SHARE_VAULT_ACTOR\n`; // prettier-ignore
  const script = setUp + block.replace('ENVIRONMENT=prod', 'ENVIRONMENT=local');
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env: process.env });
  appendFileSync(join(logFolder(), 'commands.log'), stdout + stderr);
  return stdout + stderr;
}

describe('the commands of docs/command-line.md and a vault that runs', () => {
  test.each(BLOCKS.map(({ heading, block }) => [heading, block.split('\n', 1)[0], block]))(
    'succeed in their order: %s: %s',
    async (_heading, _first, block) => {
      printed.push(await runBlock(block ?? ''));
    },
  );

  test('write the materials that they sealed to files of mode 0600', () => {
    const read = (name: string) => readFileSync(join(folder, name));

    expect(read('opened-share.json').equals(MATERIALS['share.json'])).toBe(true);
    expect(read('opened-key.txt').equals(MATERIALS['key.txt'])).toBe(true);
    expect(read('opened-shares.json').equals(MATERIALS['shares.json'])).toBe(true);
    expect(statSync(join(folder, 'opened-shares.json')).mode & 0o777).toBe(0o600);
    expect(read('current.json').toString()).toBe(PROPERTIES);
  });

  test('verify the logs, and destroy the records', () => {
    const all = printed.join('');

    expect(all).toContain('intact: the access log of wallet "wallet-1" on "EVM"\n');
    expect(all).toContain('intact: the access log of wallet "wallet-2" on "EVM"\n');
    expect(all.match(/^records destroyed {2}1$/gm)).toHaveLength(2);
  });

  test('include every command for data and for the set-up', () => {
    const named = BLOCKS.flatMap(({ block }) => [...block.matchAll(/share-vault ([a-z-]+)/g)].map(([, name]) => name));

    const commands = ['completion', 'doctor', 'export', 'keys', 'log', 'properties', 'public-key', 'records', 'reseal'];
    expect([...new Set(named)].sort()).toEqual([
      ...commands,
      ...['revoke', 'seal', 'tombstones'],
      'unseal',
      'wallets',
      'webhook-secret',
      'webhook-test',
    ]);
  });
});
