import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { recoveryFingerprint, recoveryKeysDigest } from '../../lambda/contract/recovery';
import { Egress } from '../../lib/egress';
import { ExternalKey } from '../../lib/external-key';
import type { NetworkOptions } from '../../lib/network-options';
import type { RecordKeyOptions } from '../../lib/record-key-options';
import { RecoveryKey } from '../../lib/recovery-key';
import { VaultLogin } from '../../lib/vault-login';

/** The keys that `--keys` can name, besides the one in AWS KMS. None of these accounts exists: stand-ins have the keys. */
export const LOCAL_KEYS = ['google', 'azure', 'hsm', 'vault', 'recovery'] as const;
export type LocalKey = (typeof LOCAL_KEYS)[number];

export const AZURE = {
  tenantId: '0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f',
  sealClientId: '5ea15ea1-0000-4000-8000-000000000001',
  unsealClientId: '0be00be0-0000-4000-8000-000000000002',
};
export const GOOGLE_PROVIDER =
  'projects/123456789012/locations/global/workloadIdentityPools/share-vault/providers/aws-vault';
export const VAULT_ADDRESS = 'https://vault.example:8200';
const VERSION = '0123456789abcdef0123456789abcdef';

const EXTERNAL: Readonly<Record<Exclude<LocalKey, 'recovery'>, () => ExternalKey>> = {
  google: () =>
    ExternalKey.googleCloudKms({
      key: 'projects/local-project/locations/europe-west3/keyRings/share-vault/cryptoKeys/share-key',
      workloadIdentityProvider: GOOGLE_PROVIDER,
    }),
  azure: () =>
    ExternalKey.azureKeyVault({ ...AZURE, keyId: `https://local-vault.vault.azure.net/keys/share-key/${VERSION}` }),
  hsm: () =>
    ExternalKey.azureManagedHsm({
      ...AZURE,
      keyId: `https://local-hsm.managedhsm.azure.net/keys/share-key/${VERSION}`,
    }),
  vault: () =>
    ExternalKey.vaultTransit({
      address: VAULT_ADDRESS,
      key: 'share-key',
      login: VaultLogin.jwt({ sealRole: 'share-vault-seal', unsealRole: 'share-vault-unseal' }),
    }),
};

/**
 * Returns the props of a vault that wraps each record to these keys too. The list of recovery keys is always stated, so that
 * a data folder can be started with another list. @param recoveryFile - the private key's
 */
export function localKeyProps(
  keys: readonly LocalKey[],
  recoveryFile: string,
): RecordKeyOptions & Pick<NetworkOptions, 'egress'> {
  const otherKeys = keys.flatMap((key) => (key === 'recovery' ? [] : [EXTERNAL[key]()]));
  const recovery = keys.includes('recovery') ? [publicKeyOf(recoveryFile)] : [];
  const fingerprints = recovery.map((key) => recoveryFingerprint(key.export({ format: 'der', type: 'spki' })));
  return {
    ...(otherKeys.length > 0 && { otherKeys, openWithOtherKeys: true, egress: Egress.firewall() }),
    recoveryKeys: recovery.map((key) => RecoveryKey.offline({ name: 'local-recovery', publicKey: pemOf(key) })),
    recoveryKeysChange: recoveryKeysDigest(fingerprints),
  };
}

/** Returns the public key of a private key's file, which is made if it doesn't exist. */
function publicKeyOf(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  }
  return createPublicKey(createPrivateKey(readFileSync(file)));
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString();
}
