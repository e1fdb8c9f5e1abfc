import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { ShareVaultClient } from '@cdk-share-vault/client';

export type WalletRequest =
  { readonly action: 'create' } | { readonly action: 'sign'; readonly walletId: string; readonly message: string };

const CHAIN = 'SVM';
const vault = await ShareVaultClient.fromEnvironment();

/** Creates a wallet whose key shares only the vault has, or signs with them. No response holds a material. */
export async function handler(request: WalletRequest): Promise<object> {
  return request.action === 'create' ? createWallet() : signMessage(request.walletId, request.message);
}

async function createWallet(): Promise<object> {
  const { serverKeyShares, accountAddress } = createKeyShares();
  const walletId = randomUUID();
  const sealing = vault.sealServerKeyShares({ walletId, chain: CHAIN, serverKeyShares, accountAddress });
  serverKeyShares.fill(0);
  const { recordId } = await sealing;
  return { walletId, accountAddress, recordId };
}

async function signMessage(walletId: string, message: string): Promise<object> {
  // overwritten at the end of the block
  using record = await vault.unsealServerKeyShares({ walletId, chain: CHAIN, reason: 'sign a message' });
  return { signature: signWithKeyShares(record.serverKeyShares, message) };
}

/** Stands in for the wallet SDK, which creates key shares together with other parties. */
function createKeyShares(): { readonly serverKeyShares: Buffer; readonly accountAddress: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    serverKeyShares: privateKey.export({ format: 'der', type: 'pkcs8' }),
    accountAddress: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
  };
}

/** Stands in for the wallet SDK too. */
function signWithKeyShares(serverKeyShares: Uint8Array, message: string): string {
  const { buffer, byteOffset, length } = serverKeyShares;
  // not a copy, which nothing would overwrite
  const key = createPrivateKey({ key: Buffer.from(buffer, byteOffset, length), format: 'der', type: 'pkcs8' });
  return sign(null, Buffer.from(message), key).toString('base64url');
}
