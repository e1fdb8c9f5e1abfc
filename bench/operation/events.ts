import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { type SealedMaterials, createdBody, deliveryHeaders, sealMaterials } from '../../client/delivery';
import { sealInbound } from '../../client/inbound';
import type { OperationVault } from './vault-process';

/** As long as Dynamic's. */
const MATERIALS = { delegatedShare: Buffer.alloc(457, 1), walletApiKey: Buffer.alloc(51, 2) };
const USER_ID = randomUUID();

export type WalletKey = OperationVault['wallet'];

export const newWallet = (): WalletKey => ({ walletId: randomUUID(), chain: 'EVM' });

/** The recipe's event for a seal: the materials are in the clear. */
export const recipeRecord = () => ({ ...newWallet(), materials: MATERIALS });

/** A request to open a wallet's record, for a one-time key as every client makes one. */
export function unsealEvent(wallet: WalletKey): object {
  const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  const req = randomBytes(16).toString('base64url');
  return { kind: 'delegated-share', ...wallet, recipient: { kty, crv, x }, req, reason: 'benchmark' };
}

/** A request to seal materials of a new wallet. */
export function sealEvent({ environment, intakeKey }: OperationVault): object {
  const key = { kid: intakeKey.kid, publicKey: createPublicKey(intakeKey.publicKey) };
  const wallet = newWallet();
  const binding = { env: environment, kind: 'delegated-share', userId: '', ...wallet } as const;
  const materials = {
    delegatedShare: sealInbound('delegatedShare', MATERIALS.delegatedShare, binding, key),
    walletApiKey: sealInbound('walletApiKey', MATERIALS.walletApiKey, binding, key),
  };
  return { kind: 'delegated-share', ...wallet, materials };
}

/** The envelopes of a delivery to a key. */
export const envelopesTo = (publicKey: string, kid?: string): SealedMaterials =>
  sealMaterials(MATERIALS, { publicKey: createPublicKey(publicKey), kid });

/** A delivery of a new wallet, as API Gateway passes it on. */
export function deliveryEvent(envelopes: SealedMaterials, secret: string): object {
  const body = createdBody({ ...newWallet(), userId: USER_ID, publicKey: '0x00' }, envelopes);
  return { version: '2.0', headers: deliveryHeaders(body, secret), body: body.toString(), isBase64Encoded: false };
}
