import { randomUUID } from 'node:crypto';
import type { SealInput, UnsealInput } from '../../../client/index';
import { material } from '../../support/run';

export const REASON = 'sign transaction 7';

/** Returns a new wallet with new materials, as a caller seals it. */
export function sealInput(changes: Partial<SealInput> = {}): SealInput {
  const materials = { delegatedShare: material(610), walletApiKey: material(64) };
  return {
    kind: 'delegated-share',
    walletId: randomUUID(),
    chain: 'EVM',
    userId: 'user-1',
    publicKey: '0x2b',
    materials,
    ...changes,
  };
}

export function unsealInput({ walletId, chain }: SealInput): UnsealInput {
  return { kind: 'delegated-share', walletId, chain, reason: REASON };
}
