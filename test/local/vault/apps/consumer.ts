import { ShareVaultClient } from '../../../../client/index';

/** The handler of a consumer: unseals a wallet's delegated share and returns its text. */
export async function handler(wallet: { readonly walletId: string; readonly chain: string }): Promise<string> {
  const client = await ShareVaultClient.fromEnvironment();
  using record = await client.unseal({ kind: 'delegated-share', ...wallet, reason: 'test' });
  return Buffer.from(record.delegatedShare).toString();
}
