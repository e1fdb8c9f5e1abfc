import { randomUUID } from 'node:crypto';
import { startVault } from '../../local/vault';
import { shippedTemplate } from '../../local/vault/shipped';
import type { FirstCall } from './start';

/** A vault in a process of its own, so that its services' processor time can be told from that of others. */
export interface ColdVault {
  readonly unseal: Omit<FirstCall, 'event'>;
  readonly wallet: { readonly walletId: string; readonly chain: string };
  /** process ids: the local AWS services, and PostgreSQL's own */
  readonly services: number;
  readonly postgres: number;
}

async function main(): Promise<void> {
  // policies are decided in this process: AWS does that elsewhere
  const vault = await startVault({ ...shippedTemplate(), authorization: false });
  process.once('disconnect', () => void vault.close());
  const actor = vault.actor('seal', 'unseal');
  const wallet = { walletId: randomUUID(), chain: 'EVM' };
  const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
  await vault.client(actor).seal({ kind: 'delegated-share', ...wallet, materials });
  const name = vault.functions.unseal;
  const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(name);
  process.send?.({
    unseal: {
      env: {
        ...vault.functionEnv('unseal'),
        AWS_REGION: vault.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
      arn: `arn:aws:lambda:${vault.region}:${vault.account}:function:${name}:${actor}`,
    },
    wallet,
    services: process.pid,
    postgres: vault.postgres.pid,
  } satisfies ColdVault);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
