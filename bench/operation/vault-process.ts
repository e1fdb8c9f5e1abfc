import { randomUUID } from 'node:crypto';
import { ENV } from '../../lambda/contract/variables';
import { startVault } from '../../local/vault';
import type { SenderKey } from '../../local/vault';
import { shippedTemplate } from '../../local/vault/shipped';

/** The functions that are measured. */
export const OPERATIONS = ['seal', 'unseal', 'receive', 'properties'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** A vault in a process of its own: with it run the local KMS, PostgreSQL and its proxy. */
export interface OperationVault {
  readonly environment: string;
  readonly functions: Readonly<Record<Operation, VaultFunction>>;
  readonly shareKeyArn: string;
  readonly intakeKey: SenderKey;
  readonly webhookKey: SenderKey;
  /** signs deliveries */
  readonly webhookSecret: string;
  /** has a record and properties of 2 KB */
  readonly wallet: { readonly walletId: string; readonly chain: string };
  /** a login that may create tables */
  readonly superuser: Readonly<Record<'user' | 'password', string>>;
}

export interface VaultFunction {
  /** of the actor's alias */
  readonly arn: string;
  /** the function's variables and its role's credentials */
  readonly env: Readonly<Record<string, string>>;
}

/** What the vault's process is told. It replies with the same message. */
export interface KmsLatency {
  /** before each response of KMS, in milliseconds */
  readonly latencyMs: number;
}

async function main(): Promise<void> {
  // policies are decided in this process: their time would hide the differences that are measured
  const vault = await startVault({ ...shippedTemplate(), authorization: false });
  process.once('disconnect', () => void vault.close());
  process.on('message', (message: KmsLatency) => {
    vault.kms.faults.clear();
    if (message.latencyMs > 0) vault.kms.faults.set({ latencyMs: message.latencyMs });
    process.send?.(message);
  });
  const actor = vault.actor('seal', 'unseal', 'properties');
  const wallet = { walletId: randomUUID(), chain: 'EVM' };
  const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
  const walletProperties = JSON.stringify({ externalServerKeySharesBackupInfo: 'b'.repeat(2_000) });
  await vault.client(actor).seal({ kind: 'delegated-share', ...wallet, materials, walletProperties });
  const functionOf = (operation: Operation): VaultFunction => {
    const name = vault.functions[operation];
    const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(name);
    return {
      arn: `arn:aws:lambda:${vault.region}:${vault.account}:function:${name}:${actor}`,
      env: {
        ...vault.functionEnv(operation),
        AWS_REGION: vault.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    };
  };
  const { kid, arn, publicKey, secret } = vault.webhook;
  const { user, password } = vault.postgres.superuser;
  process.send?.({
    environment: vault.environment,
    functions: {
      seal: functionOf('seal'),
      unseal: functionOf('unseal'),
      receive: functionOf('receive'),
      properties: functionOf('properties'),
    },
    shareKeyArn: vault.functionEnv('unseal')[ENV.shareKeyArn] ?? '',
    intakeKey: vault.keys.intakeKey,
    webhookKey: { kid, arn, publicKey },
    webhookSecret: secret,
    wallet,
    superuser: { user, password },
  } satisfies OperationVault);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
