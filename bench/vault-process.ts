import { randomUUID } from 'node:crypto';
import { startVault } from '../local/vault';
import { shippedTemplate } from '../local/vault/shipped';

/** Values of a vault in a process of its own, so that neither process waits for the other's event loop. */
export interface BenchVault {
  /** the environment of the function `unseal`, credentials included */
  readonly env: Readonly<Record<string, string>>;
  readonly functionArn: string;
  readonly walletId: string;
  readonly chain: string;
}

async function main(): Promise<void> {
  const vault = await startVault(shippedTemplate());
  const actor = vault.actor('seal', 'unseal');
  process.once('disconnect', () => void vault.close());
  const [walletId, chain] = [randomUUID(), 'EVM'];
  const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
  await vault.client(actor).seal({ kind: 'delegated-share', walletId, chain, materials });
  const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(vault.functions.unseal);
  const message: BenchVault = {
    env: {
      ...vault.functionEnv('unseal'),
      AWS_REGION: vault.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
    functionArn: `arn:aws:lambda:${vault.region}:${vault.account}:function:${vault.functions.unseal}:${actor}`,
    walletId,
    chain,
  };
  process.send?.(message);
}

void main();
