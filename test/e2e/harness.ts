import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { SealResponse } from '../../lambda/contract/responses';
import { type LocalVault, type VaultOptions, startVault } from '../../local/vault';
import { shippedBundles } from '../../local/vault/shipped';
import type { Pace } from '../support/pace';
import { logFolder, material } from '../support/run';
import { freshData, keepKeys, vaultTemplate } from '../support/vault-template';

export type TestVaultOptions = Partial<VaultOptions>;

/**
 * Starts a vault from its template. The end of the run searches its logs for materials. Its clients have the roles that
 * were granted their actors.
 */
export async function startTestVault(options: TestVaultOptions = {}, pace: Pace = 'prompt'): Promise<LocalVault> {
  const template = vaultTemplate(pace);
  const { dataDir = await freshData(template), ...others } = options;
  const vault = await startVault({ template, bundles: shippedBundles(), logDir: logFolder(), dataDir, ...others });
  keepKeys(template, dataDir);
  return {
    ...vault,
    client: (actor, lambda = vault.lambdaClient(vault.session(actor))) => vault.client(actor, lambda),
    close: async () => {
      await vault.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface TestWallet {
  readonly walletId: string;
  readonly userId: string;
  readonly chain: string;
  readonly publicKey: string;
  readonly materials: { readonly delegatedShare: Buffer; readonly walletApiKey: Buffer };
}

export function makeWallet(): TestWallet {
  return {
    walletId: randomUUID(),
    userId: randomUUID(),
    chain: 'EVM',
    publicKey: `0x${randomUUID().replaceAll('-', '')}`,
    materials: { delegatedShare: material(457), walletApiKey: material(51) },
  };
}

export async function sealWallet(vault: LocalVault, wallet: TestWallet): Promise<SealResponse> {
  const { materials, ...rest } = wallet;
  // the client does not wipe the caller's buffers, so a test can compare
  return vault.client('signer').seal({ kind: 'delegated-share', ...rest, materials });
}

/** Returns a copy of the unsealed materials. Throws if the unseal does. */
export async function unsealWallet(
  vault: LocalVault,
  { walletId, chain }: Pick<TestWallet, 'walletId' | 'chain'>,
): Promise<TestWallet['materials']> {
  using record = await vault.client('signer').unseal({ kind: 'delegated-share', walletId, chain, reason: 'test' });
  return { delegatedShare: Buffer.from(record.delegatedShare), walletApiKey: Buffer.from(record.walletApiKey) };
}

/** Runs a statement as the superuser. */
export async function sql<T extends object>(vault: LocalVault, text: string, values: unknown[] = []): Promise<T[]> {
  const client = await vault.database('superuser');
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}

export interface RawAnswer {
  readonly functionError?: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Invokes a function without the client, with any payload and qualifier. */
export async function invoke(
  vault: LocalVault,
  name: keyof LocalVault['functions'],
  payload: unknown,
  qualifier?: string,
): Promise<RawAnswer> {
  const command = { FunctionName: vault.functions[name], Qualifier: qualifier, Payload: JSON.stringify(payload) };
  const answer = await vault.lambdaClient().send(new InvokeCommand(command));
  const body = JSON.parse(answer.Payload?.transformToString() ?? '{}') as Record<string, unknown>;
  return { functionError: answer.FunctionError, body };
}
