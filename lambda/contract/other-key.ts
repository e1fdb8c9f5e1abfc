import * as v from 'valibot';
import { ELSEWHERE_PATTERNS, type OtherKeyDescription } from './elsewhere';
import { type Schema, matching } from './schema';

/** Schemas of what the constructs say about keys and stores elsewhere, and the names of keys. */

const P = ELSEWHERE_PATTERNS;

export const GOOGLE_LOGIN = {
  audience: matching(P.googleAudience, 'a provider of a workload identity pool'),
  method: v.picklist(['token', 'signature'], 'token or signature'),
};

const uuid = matching(P.uuid, 'a UUID');
export const AZURE_LOGIN = { tenant: uuid, client: uuid };

const vaultPath = matching(P.vaultPath, 'a path without slashes at its ends');
export const VAULT_PLACE = {
  address: matching(P.vaultAddress, 'an address such as https://vault.example:8200'),
  namespace: v.exactOptional(vaultPath),
  mount: vaultPath,
  ca: v.exactOptional(matching(P.vaultCa, 'a certificate, DER in base64')),
};

const vaultName = matching(P.vaultName, 'a name');
const audience = matching(P.audience, 'a name without blanks');
export const VAULT_LOGIN = v.variant(
  'method',
  [
    v.strictObject({ method: v.literal('jwt'), mount: vaultPath, role: vaultName, audience }),
    v.strictObject({
      method: v.literal('aws'),
      mount: vaultPath,
      role: vaultName,
      serverId: v.exactOptional(audience),
    }),
  ],
  'a login by jwt or aws',
);

export const OTHER_KEY: Schema<OtherKeyDescription> = v.variant(
  'type',
  [
    v.strictObject({
      type: v.literal('gcp-kms'),
      key: matching(P.googleKey, 'the name of a crypto key, without a version'),
      ...GOOGLE_LOGIN,
    }),
    v.strictObject({
      type: v.literal('azure-key-vault'),
      key: matching(P.azureVaultKey, 'the id of a version of a key of a vault'),
      ...AZURE_LOGIN,
    }),
    v.strictObject({
      type: v.literal('azure-managed-hsm'),
      key: matching(P.azureHsmKey, 'the id of a version of a key of a managed HSM'),
      ...AZURE_LOGIN,
    }),
    v.strictObject({ type: v.literal('vault-transit'), key: vaultName, login: VAULT_LOGIN, ...VAULT_PLACE }),
  ],
  'gcp-kms, azure-key-vault, azure-managed-hsm or vault-transit',
);

/** Returns the key's name in records, the same for each of its versions: what its provider has as `keyId`. */
export function otherKeyId(description: OtherKeyDescription): string {
  switch (description.type) {
    case 'gcp-kms':
      return description.key;
    case 'azure-key-vault':
    case 'azure-managed-hsm':
      return description.key.slice(0, description.key.lastIndexOf('/'));
    case 'vault-transit': {
      const { address, namespace, mount, key } = description;
      return [address, 'v1', ...(namespace === undefined ? [] : [namespace]), mount, 'keys', key].join('/');
    }
  }
}
