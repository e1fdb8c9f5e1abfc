import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { parseMessage } from '../../lambda/message';
import { type LocalVault, startVault } from '../../local/vault';
import { endpointConfig } from '../../local/vault/endpoint';
import { logFolder } from '../support/run';
import { synthesized } from '../support/synthesized';
import { freshData } from '../support/vault-template';
import { makeWallet } from './harness';
import { REPLACEMENTS } from './reseal-elsewhere-stack';

const FOLDER = synthesized(join(__dirname, 'reseal-elsewhere-stack.ts'));
const KIND = 'delegated-share';
const PROVIDERS = { kms: 'aws-kms', google: 'gcp-kms', vault: 'vault-transit' } as const;

describe.each(Object.entries(REPLACEMENTS))('a replacement of the share key, %s,', (name, [former, present]) => {
  let vault: LocalVault;
  let dataDir: string;
  const wallet = makeWallet();
  const start = (step: 'before' | 'after') =>
    startVault({
      template: join(FOLDER, name, step, 'ShareVault-dev.template.json'),
      ...{ dataDir, logDir: logFolder(), longestWaitSeconds: 0.05 },
    });
  beforeAll(async () => {
    dataDir = await freshData(join(FOLDER, name, 'before', 'ShareVault-dev.template.json'));
    vault = await start('before');
    await vault.client('backend').seal({ kind: KIND, ...wallet });
    expect(await providers()).toEqual([PROVIDERS[former]]);
    await vault.close();
    vault = await start('after');
  });
  afterAll(async () => {
    await vault.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Returns the providers of the data keys of all records, each once. */
  async function providers(): Promise<readonly string[]> {
    const database = await vault.database('superuser');
    const { rows } = await database.query<{ sealed: Buffer }>(
      `SELECT unnest(ARRAY[encrypted_delegated_share, encrypted_wallet_api_key]) AS sealed FROM vault.delegated_shares`,
    );
    await database.end();
    return [...new Set(rows.flatMap(({ sealed }) => parseMessage(sealed).dataKeys.map((key) => key.providerId)))];
  }

  async function reseal() {
    const states = new SFNClient(endpointConfig(vault));
    const stateMachineArn = `arn:aws:states:${vault.region}:${vault.account}:stateMachine:share-vault-dev-reseal`;
    const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn }));
    for (;;) {
      const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') return execution;
    }
  }

  test('moves every record to the key after, and each still opens', async () => {
    expect(await providers()).toEqual([PROVIDERS[former]]);
    const { status, error, output } = await reseal();

    expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: undefined });
    expect(JSON.parse(output ?? '')).toMatchObject({ resealed: 1, failed: 0 });
    expect(await providers()).toEqual([PROVIDERS[present]]);
    const { walletId, chain, materials } = wallet;
    using record = await vault.client('backend').unseal({ kind: KIND, walletId, chain, reason: 'test' });
    expect(Buffer.from(record.delegatedShare).equals(materials.delegatedShare)).toBe(true);
  });
});
