import { randomUUID } from 'node:crypto';
import { startVault } from '../local/vault';
import { shippedTemplate } from '../local/vault/shipped';

/** The functions that benchmarks run in their own process. */
export type BenchFunction = 'unseal' | 'properties';

/** Values of a vault in a process of its own, so that neither process waits for the other's event loop. */
export interface BenchVault {
  /** the environment of the function, credentials included */
  readonly env: Readonly<Record<string, string>>;
  readonly functionArn: string;
  readonly walletId: string;
  readonly chain: string;
}

async function main(name: BenchFunction): Promise<void> {
  const vault = await startVault(shippedTemplate());
  const actor = vault.actor('seal', name);
  process.once('disconnect', () => void vault.close());
  const [walletId, chain] = [randomUUID(), 'EVM'];
  const materials = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
  const walletProperties = JSON.stringify({ externalServerKeySharesBackupInfo: 'b'.repeat(2_000) });
  await vault.client(actor).seal({ kind: 'delegated-share', walletId, chain, materials, walletProperties });
  const { accessKeyId, secretAccessKey, sessionToken } = vault.functionSession(vault.functions[name]);
  const message: BenchVault = {
    env: {
      ...vault.functionEnv(name),
      AWS_REGION: vault.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
    functionArn: `arn:aws:lambda:${vault.region}:${vault.account}:function:${vault.functions[name]}:${actor}`,
    walletId,
    chain,
  };
  process.send?.(message);
}

void main(process.argv[2] === 'properties' ? 'properties' : 'unseal');
