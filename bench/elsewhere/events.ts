import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { sealInbound } from '../../client/inbound';
import type { ElsewhereVault } from './vault-process';

export interface Wallet {
  readonly walletId: string;
  readonly chain: string;
}

/** Returns a request to open a wallet's record, for a one-time key of this process. */
export function unsealEvent(wallet: Wallet): object {
  return { kind: 'delegated-share', ...wallet, recipient: RECIPIENT, req: 'A'.repeat(22), reason: 'benchmark' };
}
const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const RECIPIENT = { kty, crv, x };

type Sender = Pick<ElsewhereVault, 'environment' | 'intakeKey'>;

/** Returns requests to seal materials as long as Dynamic's, each of a wallet of its own: encrypting them is the caller's time. */
export function sealEvents({ environment, intakeKey }: Sender, count: number): object[] {
  const key = { kid: intakeKey.kid, publicKey: createPublicKey(intakeKey.publicKey) };
  return Array.from({ length: count }, () => {
    const wallet = { walletId: randomUUID(), chain: 'EVM' };
    const binding = { env: environment, kind: 'delegated-share', userId: '', ...wallet } as const;
    const materials = {
      delegatedShare: sealInbound('delegatedShare', Buffer.alloc(457, 1), binding, key),
      walletApiKey: sealInbound('walletApiKey', Buffer.alloc(51, 2), binding, key),
    };
    return { kind: 'delegated-share', ...wallet, materials };
  });
}
