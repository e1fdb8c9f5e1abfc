import { createPublicKey, randomBytes, randomUUID } from 'node:crypto';
import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { ShareVaultClient, type ShareVaultClientOptions } from '../../client/index';

/* A backend that seals server key shares one after the other, until it is killed. */

/** The process's first argument, as JSON. */
export interface SealingOptions extends Pick<ShareVaultClientOptions, 'environment' | 'actor' | 'functions'> {
  readonly intakeKey: { readonly kid: string; readonly publicKey: string };
  readonly lambda: LambdaClientConfig;
}

async function sealForEver({ intakeKey, lambda, ...options }: SealingOptions): Promise<void> {
  const key = { kid: intakeKey.kid, publicKey: createPublicKey(intakeKey.publicKey) };
  const client = new ShareVaultClient({ ...options, intakeKeys: [key], lambda: new LambdaClient(lambda) });
  for (;;) {
    const walletId = randomUUID();
    process.send?.(walletId);
    await client.sealServerKeyShares({ walletId, chain: 'EVM', serverKeyShares: randomBytes(900), walletProperties: '{}' }); // prettier-ignore
  }
}

void sealForEver(JSON.parse(process.argv[2] ?? '{}') as SealingOptions);
