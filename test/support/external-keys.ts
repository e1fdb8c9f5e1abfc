import { ExternalKey } from '../../lib/external-key';
import { GoogleLogin } from '../../lib/google-login';
import { RecoveryKey } from '../../lib/recovery-key';
import { VaultLogin } from '../../lib/vault-login';
import { rsaKeyPair } from './rsa-keys';

/** Values of keys outside AWS, as their owners would give them: none of them exists. */

export const GOOGLE = {
  key: 'projects/wallets-1/locations/europe-west1/keyRings/shares/cryptoKeys/share-key',
  workloadIdentityProvider:
    'projects/123456789012/locations/global/workloadIdentityPools/share-vault/providers/aws-vault',
};
export const AZURE = {
  keyId: 'https://shares.vault.azure.net/keys/share-key/0123456789abcdef0123456789abcdef',
  tenantId: '11111111-1111-1111-1111-111111111111',
  sealClientId: '22222222-2222-2222-2222-222222222222',
  unsealClientId: '33333333-3333-3333-3333-333333333333',
};
export const HSM = { ...AZURE, keyId: AZURE.keyId.replace('.vault.', '.managedhsm.') };
export const VAULT_ROLES = { sealRole: 'share-vault-seal', unsealRole: 'share-vault-unseal' };
export const VAULT = { address: 'https://vault.example.com:8200', key: 'share-key' };

export const googleKey = (): ExternalKey => ExternalKey.googleCloudKms(GOOGLE);
export const signedGoogleKey = (): ExternalKey =>
  ExternalKey.googleCloudKms({ ...GOOGLE, login: GoogleLogin.SIGNATURE });
export const azureKey = (changed: Partial<typeof AZURE> = {}): ExternalKey =>
  ExternalKey.azureKeyVault({ ...AZURE, ...changed });
export const hsmKey = (): ExternalKey => ExternalKey.azureManagedHsm(HSM);
export const jwtKey = (): ExternalKey => ExternalKey.vaultTransit({ ...VAULT, login: VaultLogin.jwt(VAULT_ROLES) });
export const awsKey = (): ExternalKey => ExternalKey.vaultTransit({ ...VAULT, login: VaultLogin.aws(VAULT_ROLES) });

/** Returns the SubjectPublicKeyInfo of a key pair of this size, in PEM. */
export function publicPem(modulusLength: number): string {
  return rsaKeyPair(modulusLength).publicKey.export({ format: 'pem', type: 'spki' }).toString();
}

export const recoveryKey = (name = 'safe-2026', modulusLength = 2_048): RecoveryKey =>
  RecoveryKey.offline({ name, publicKey: publicPem(modulusLength) });
