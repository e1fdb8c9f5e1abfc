import { generateKeyPairSync } from 'node:crypto';
import { BodyStore } from '../../lib/body-store';
import { Egress } from '../../lib/egress';
import { ExternalKey } from '../../lib/external-key';
import { RecoveryKey } from '../../lib/recovery-key';
import { VaultLogin } from '../../lib/vault-login';
import { recoveryKeysDigest } from '../../lambda/contract/recovery';
import type { Choices } from './choices';

/** Keys of each kind of login; nobody is asked anything at synth. */
export const GOOGLE_KEY = ExternalKey.googleCloudKms({
  key: 'projects/share-vault/locations/europe-west3/keyRings/vault/cryptoKeys/shares',
  workloadIdentityProvider: 'projects/123456789012/locations/global/workloadIdentityPools/vault/providers/functions',
});
export const VAULT_KEY = ExternalKey.vaultTransit({
  address: 'https://vault.example.com:8200',
  key: 'shares',
  login: VaultLogin.jwt({ sealRole: 'seal', unsealRole: 'unseal' }),
});

/** Keys outside AWS, and the way to them out of the vault's own network. */
export const withGoogle: Choices = { otherKeys: [GOOGLE_KEY], egress: Egress.firewall() };

export const BODIES = BodyStore.secretsManager({ maxRecords: 1_000 });

export const SAFE = recoveryKey('safe-2026');
export const BANK = recoveryKey('bank-2026');

/** Returns a list of recovery keys with its statement. */
export function stated(recoveryKeys: RecoveryKey[]): Choices {
  return { recoveryKeys, recoveryKeysChange: recoveryKeysDigest(recoveryKeys.map(({ fingerprint }) => fingerprint)) };
}

/** Each run has other public keys: no template of a case is compared with one of another run. */
function recoveryKey(name: string): RecoveryKey {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return RecoveryKey.offline({ name, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
}
