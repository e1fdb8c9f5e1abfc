import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DescribeKeyCommand, KMSClient, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { LocalVault } from '../../local/vault';
import { endpointConfig } from '../../local/vault/endpoint';
import { type TestWallet, makeWallet, sealWallet, sql, startTestVault, unsealWallet } from './harness';

let vault: LocalVault;
let kms: KMSClient;
let states: SFNClient;
const wallets: readonly TestWallet[] = Array.from({ length: 3 }, makeWallet);
beforeAll(async () => {
  vault = await startTestVault({ longestWaitSeconds: 0.05 });
  kms = new KMSClient(endpointConfig(vault));
  states = new SFNClient(endpointConfig(vault));
  for (const wallet of wallets) await sealWallet(vault, wallet);
});
afterAll(() => vault.close());

const machineArn = () => `arn:aws:states:${vault.region}:${vault.account}:stateMachine:share-vault-local-reseal`;
const executions = async () =>
  (await states.send(new ListExecutionsCommand({ stateMachineArn: machineArn() }))).executions ?? [];

/** Returns an execution when it has ended. */
async function ended(executionArn: string | undefined): Promise<DescribeExecutionOutput> {
  for (;;) {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
  }
}

/** Rotates the share key on demand. Returns the execution that this starts when it has ended, and the key's new material. */
async function rotate(): Promise<{ readonly execution: DescribeExecutionOutput; readonly material: string }> {
  const KeyId = vault.keys.shareKeyArn;
  const before = new Set((await executions()).map(({ name }) => name));
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  for (;;) {
    const started = (await executions()).find(({ name }) => !before.has(name));
    if (started === undefined) continue;
    return { execution: await ended(started.executionArn), material: KeyMetadata?.CurrentKeyMaterialId ?? '' };
  }
}

const materials = async () => {
  const rows = await sql<{ id: string; material: string }>(
    vault,
    'SELECT wallet_id AS id, key_material_id AS material FROM vault.delegated_shares',
  );
  return new Map(rows.map(({ id, material }) => [id, material]));
};
const receipts = () =>
  sql<{ run: string; receipt: string }>(vault, 'SELECT run, receipt FROM vault.reseal_receipts ORDER BY written_at');

describe('a rotation of the share key', () => {
  test('starts a run that reseals every record under the new material, and leaves a receipt', async () => {
    const { execution, material } = await rotate();

    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(await materials()).toEqual(new Map(wallets.map(({ walletId }) => [walletId, material])));
    expect((await receipts()).map(({ run }) => run)).toEqual([execution.name]);
    for (const wallet of wallets) expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test('starts a run that fails without a receipt if KMS never names the new material', async () => {
    const key = await kms.send(new DescribeKeyCommand({ KeyId: vault.keys.shareKeyArn }));
    const detail = { 'previous-key-material-id': key.KeyMetadata?.CurrentKeyMaterialId };
    const before = await receipts();
    const { executionArn } = await states.send(
      new StartExecutionCommand({
        stateMachineArn: machineArn(),
        input: JSON.stringify({ source: 'aws.kms', 'detail-type': 'KMS CMK Rotation', detail }),
      }),
    );

    expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'KeyUnreachable' });
    expect(await receipts()).toEqual(before);
  });

  test('starts a run that fails, and reseals all other records, if a record can’t be opened', async () => {
    const [broken, ...others] = wallets;
    await sql(
      vault,
      `UPDATE vault.delegated_shares SET encrypted_wallet_api_key = encrypted_delegated_share WHERE wallet_id = $1`,
      [broken?.walletId],
    );
    const former = (await materials()).get(broken?.walletId ?? '');
    const { execution, material } = await rotate();

    expect(execution).toMatchObject({ status: 'FAILED', error: 'Incomplete' });
    expect(await materials()).toEqual(
      new Map([[broken?.walletId, former], ...others.map(({ walletId }) => [walletId, material] as const)]),
    );
    expect((await receipts()).map(({ run }) => run)).toContain(execution.name);
    for (const wallet of others) expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });
});
