import { createAwsKmsKey } from '../../../../../lambda/keys/aws-kms';
import { createAzureKeyVaultKey } from '../../../../../lambda/keys/elsewhere/azure-key-vault';
import { createAzureManagedHsmKey } from '../../../../../lambda/keys/elsewhere/azure-managed-hsm';
import type { KeyProvider } from '../../../../../lambda/keys/provider';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Data keys to unwrap with one key, in a process whose memory a test searches afterwards. Bytes are in base64. */
export interface KeyUserTask {
  readonly provider: 'aws-kms' | 'azure-key-vault' | 'azure-managed-hsm';
  readonly key: string;
  readonly tenant: string;
  readonly client: string;
  readonly wrapped: readonly { readonly providerInfo: string; readonly ciphertext: string }[];
}

const CONTEXT = new Map([['environment', 'dev']]);

function createKey({ provider, key, tenant, client }: KeyUserTask): KeyProvider {
  if (provider === 'aws-kms') return createAwsKmsKey({ keyArn: key });
  const create = provider === 'azure-key-vault' ? createAzureKeyVaultKey : createAzureManagedHsmKey;
  return create({ key, tenant, client });
}

/** Unwraps each data key, wipes it, writes a line, and waits for the end of its input. */
async function main(): Promise<void> {
  const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as [string];
  const task = JSON.parse(line) as KeyUserTask;
  const key = createKey(task);
  let bytes = 0;
  for (const { providerInfo, ciphertext } of task.wrapped) {
    const candidate = {
      providerId: task.provider,
      providerInfo: Buffer.from(providerInfo, 'base64'),
      ciphertext: Buffer.from(ciphertext, 'base64'),
    };
    const dataKey = await key.unwrapDataKey([candidate], CONTEXT, AbortSignal.timeout(10_000));
    bytes += dataKey.length;
    dataKey.fill(0);
  }
  process.stdout.write(`${bytes}\n`);
}

void main();
