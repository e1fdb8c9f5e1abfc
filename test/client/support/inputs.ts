import { randomUUID } from 'node:crypto';
import type { SealInput, SealInputOf, ServerKeySharesInput, UnsealInput } from '../../../client/index';
import { material } from '../../support/run';

export const REASON = 'sign transaction 7';

type DelegatedShare = SealInputOf<'delegated-share'>;

/** Returns a new wallet with new materials, as a caller seals it. */
export function sealInput(changes: Partial<DelegatedShare> = {}): DelegatedShare {
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

export function unsealInput({ kind, walletId, chain }: SealInput): UnsealInput {
  return { kind, walletId, chain, reason: REASON };
}

/** Returns a new wallet with new server key shares. */
export function serverKeySharesInput(changes: Partial<ServerKeySharesInput> = {}): ServerKeySharesInput {
  const serverKeyShares = material(900);
  return {
    walletId: randomUUID(),
    chain: 'EVM',
    userId: 'user-1',
    accountAddress: '0x2b',
    serverKeyShares,
    ...changes,
  };
}
