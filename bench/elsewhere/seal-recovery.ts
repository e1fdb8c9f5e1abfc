import { generateKeyPairSync } from 'node:crypto';
import { ELSEWHERE_ENV } from '../../lambda/contract/elsewhere';
import { sealEvents } from './events';
import { loadHandler } from './handler';
import { type Rounds, takeTurns } from './rounds';
import type { ElsewhereVault } from './vault-process';

/** One round: a seal to the key in AWS KMS only, and seals that also wrap to two recovery keys of so many bits. */
export type RecoveryRounds = Rounds<'without' | '2048' | '3072' | '4096'>;

const COUNTS = { rounds: 200, warmUp: 40 };

/** Measures warm seals of two materials with and without recovery keys, on one database and one KMS. */
export async function measureRecovery(vault: ElsewhereVault): Promise<RecoveryRounds> {
  const { seal } = vault.functions;
  const without = await loadHandler('seal', seal);
  const withKeys = (bits: number) =>
    loadHandler('elsewhere/seal', seal, { [ELSEWHERE_ENV.recoveryKeys]: recoveryKeys(bits) });
  const [small, middle, large] = [await withKeys(2_048), await withKeys(3_072), await withKeys(4_096)];
  const events = sealEvents(vault, 4 * (COUNTS.rounds + COUNTS.warmUp));
  return takeTurns(
    {
      without: () => without(events.pop()),
      '2048': () => small(events.pop()),
      '3072': () => middle(events.pop()),
      '4096': () => large(events.pop()),
    },
    COUNTS,
  );
}

/** Returns the variable's value with two keys. */
function recoveryKeys(modulusLength: number): string {
  const keys = ['one', 'two'].map((name) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
    return [name, publicKey.export({ format: 'der', type: 'spki' }).toString('base64')];
  });
  return JSON.stringify(Object.fromEntries(keys));
}
