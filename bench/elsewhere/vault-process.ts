import { randomUUID } from 'node:crypto';
import { type LocalVault, startVault } from '../../local/vault';
import type { FunctionKey } from '../../local/vault/functions';
import { type LocalChoice, buildLocalTemplate } from '../../tools/build/local-template';

/** A vault with keys or bodies elsewhere in a process of its own: this process also has PostgreSQL's and KMS's stand-ins. */
export interface ElsewhereVault {
  readonly environment: string;
  readonly actor: string;
  readonly functions: Readonly<Record<'seal' | 'unseal', MeasuredFunction>>;
  readonly intakeKey: { readonly kid: string; readonly publicKey: string };
  /** a record that is wrapped to each of the vault's keys */
  readonly wallet: { readonly walletId: string; readonly chain: string };
  /** a login that may disable triggers */
  readonly superuser: { readonly user: string; readonly password: string };
}

export interface MeasuredFunction {
  readonly name: string;
  /** of the alias */
  readonly arn: string;
  /** the function's variables and its role's credentials */
  readonly env: Readonly<Record<string, string>>;
}

/** What a child of `withElsewhere` is told to start. */
export interface VaultChoice extends LocalChoice {
  /** false: a commit does not wait for the disk, since that would hide small differences @default true */
  readonly durable?: boolean;
}

async function main(choice: VaultChoice): Promise<void> {
  const { template } = buildLocalTemplate(choice);
  // policies are decided in this process: their time would hide the differences that are measured
  const vault = await startVault({ template, authorization: false });
  process.once('disconnect', () => void vault.close());
  if (choice.durable === false) await forgoDurability(vault);
  const actor = vault.actor('seal', 'unseal');
  const wallet = { walletId: randomUUID(), chain: 'EVM' };
  const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
  await vault.client(actor).seal({ kind: 'delegated-share', ...wallet, materials });
  const measured = (key: FunctionKey): MeasuredFunction => {
    const name = vault.functions[key];
    const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(name);
    return {
      name,
      arn: `arn:aws:lambda:${vault.region}:${vault.account}:function:${name}:${actor}`,
      env: {
        ...vault.functionEnv(key),
        AWS_REGION: vault.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    };
  };
  const { kid, publicKey } = vault.keys.intakeKey;
  const { user, password } = vault.postgres.superuser;
  const message: ElsewhereVault = {
    environment: vault.environment,
    actor,
    functions: { seal: measured('seal'), unseal: measured('unseal') },
    intakeKey: { kid, publicKey },
    wallet,
    superuser: { user, password },
  };
  process.send?.(message);
}

async function forgoDurability(vault: LocalVault): Promise<void> {
  const database = await vault.database('superuser');
  await database.query('ALTER SYSTEM SET fsync = off');
  await database.query('SELECT pg_reload_conf()');
  await database.end();
}

main(JSON.parse(process.argv[2] ?? '{}') as VaultChoice).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
