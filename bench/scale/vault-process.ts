import { randomUUID } from 'node:crypto';
import { startVault } from '../../local/vault';
import { shippedTemplate } from '../../local/vault/shipped';
import type { Wallet } from '../elsewhere/events';

/** The functions that are called. */
export const CALLED = ['seal', 'unseal', 'properties', 'audit', 'revoke'] as const;
export type Called = (typeof CALLED)[number];

/** A vault in a process of its own: KMS, the way to PostgreSQL, and all else that a vault has in AWS. */
export interface ScaleVault {
  readonly environment: string;
  readonly functions: Readonly<Record<Called, ScaleFunction>>;
  readonly intakeKey: { readonly kid: string; readonly publicKey: string };
  /** each with a record */
  readonly wallets: readonly Wallet[];
  readonly server: ScaleServer;
}

export interface ScaleFunction {
  readonly name: Called;
  /** of the alias */
  readonly arn: string;
  /** the function's variables and its role's credentials */
  readonly env: Readonly<Record<string, string>>;
}

/** PostgreSQL, as its superuser reaches it. */
export interface ScaleServer {
  readonly port: number;
  readonly caFile: string;
  readonly logFile: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A role may have half of the connections. Memory like that of half an ACU, the least that a vault has. */
const SETTINGS = { max_connections: 200, shared_buffers: '128MB' };

async function main(wallets: number): Promise<void> {
  // policies are decided in this process: their time would be measured too
  const vault = await startVault({ ...shippedTemplate(), authorization: false, databaseSettings: SETTINGS });
  process.once('disconnect', () => void vault.close());
  const made: Wallet[] = [];
  const client = vault.client(vault.actor('seal'));
  for (let n = 0; n < wallets; n += 1) {
    const wallet = { walletId: randomUUID(), chain: 'EVM' };
    const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
    const walletProperties = JSON.stringify({ externalServerKeySharesBackupInfo: 'b'.repeat(500) });
    await client.seal({ kind: 'delegated-share', ...wallet, materials, walletProperties });
    made.push(wallet);
  }
  const called = (name: Called): [Called, ScaleFunction] => {
    const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(vault.functions[name]);
    const env = {
      ...vault.functionEnv(name),
      AWS_REGION: vault.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    const arn = `arn:aws:lambda:${vault.region}:${vault.account}:function:${vault.functions[name]}:${vault.actor(name)}`;
    return [name, { name, arn, env }];
  };
  const { kid, publicKey } = vault.keys.intakeKey;
  const { port, caFile, logFile, database, superuser } = vault.postgres;
  const message: ScaleVault = {
    environment: vault.environment,
    functions: Object.fromEntries(CALLED.map(called)) as ScaleVault['functions'],
    intakeKey: { kid, publicKey },
    wallets: made,
    server: { port, caFile, logFile, database, ...superuser },
  };
  process.send?.(message);
}

if (require.main === module) {
  main(Number(process.argv[2])).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
