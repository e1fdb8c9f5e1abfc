import { createPublicKey } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient, type UnsealedRecord } from '../../../client/index';
import { fillSeeded, isSeeded } from './seeded-bytes';

/* A process with a client, whose memory its parent searches after every call. */

/** A call: of the wallets, each with a material of the given length that comes from its seed. */
export interface ClientTask {
  readonly act: 'seal' | 'sealMany' | 'unseal' | 'unsealMany' | 'keep';
  readonly wallets: readonly { readonly seed: number; readonly length: number }[];
}

const [, , endpoint = '', kid = '', publicKey = ''] = process.argv;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = new ShareVaultClient({
  environment: 'dev',
  actor: 'signer',
  functions: { seal: 'vault-seal', unseal: 'vault-unseal' },
  intakeKeys: [{ kid, publicKey: createPublicKey(publicKey) }],
  lambda: new LambdaClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 }),
});
/** records that are not disposed, so that a search finds them */
const kept: UnsealedRecord[] = [];

const walletOf = (seed: number) => ({ walletId: `wallet-${seed}`, chain: 'EVM' });

/** Returns the number of materials that were right. */
async function perform({ act, wallets }: ClientTask): Promise<number> {
  const kind = 'server-key-shares' as const;
  const reason = 'search memory';
  if (act === 'seal' || act === 'sealMany') {
    const items = wallets.map(({ seed, length }) => ({ ...walletOf(seed), serverKeyShares: seeded(seed, length) }));
    const calls =
      act === 'seal'
        ? items.map((item) => client.sealServerKeyShares(item))
        : [client.sealMany(items.map(({ serverKeyShares, ...wallet }) => ({ kind, ...wallet, materials: { serverKeyShares } })))]; // prettier-ignore
    for (const { serverKeyShares } of items) serverKeyShares.fill(0);
    await Promise.all(calls);
    return items.length;
  }
  if (act === 'unsealMany') {
    await using batch = await client.unsealMany(wallets.map(({ seed }) => ({ kind, ...walletOf(seed) })), { reason }); // prettier-ignore
    return batch.results.filter((each, at) => each.ok && isSeeded(each.value.serverKeyShares, wallets[at]?.seed ?? 0))
      .length;
  }
  let right = 0;
  for (const { seed } of wallets) {
    const record = await client.unsealServerKeyShares({ ...walletOf(seed), reason });
    right += isSeeded(record.serverKeyShares, seed) ? 1 : 0;
    if (act === 'keep') kept.push(record);
    else record.dispose();
  }
  return right;
}

function seeded(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fillSeeded(bytes, seed);
  return bytes;
}

process.on('message', (task: ClientTask) => {
  void perform(task).then((right) => process.send?.(right));
});
