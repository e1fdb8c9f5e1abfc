import type { OtherKeyDescription } from '../../../../../lambda/contract/elsewhere';

type Of<T extends OtherKeyDescription['type']> = OtherKeyDescription & { readonly type: T };

const AZURE_LOGIN = { tenant: '11111111-2222-3333-4444-555555555555', client: '66666666-7777-8888-9999-000000000000' };
const VERSION = '0123456789abcdef0123456789abcdef';

/** A description of each type: no such key exists. */
export const GOOGLE: Of<'gcp-kms'> = {
  type: 'gcp-kms',
  key: 'projects/p-12345/locations/global/keyRings/ring/cryptoKeys/share',
  audience: '//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/pool/providers/vault',
  method: 'token',
};
export const AZURE: OtherKeyDescription & { readonly type: 'azure-key-vault' | 'azure-managed-hsm' } = {
  type: 'azure-key-vault',
  key: `https://sv-dev.vault.azure.net/keys/share/${VERSION}`,
  ...AZURE_LOGIN,
};
export const AZURE_HSM: typeof AZURE = {
  type: 'azure-managed-hsm',
  key: `https://sv-dev.managedhsm.azure.net/keys/share/${VERSION}`,
  ...AZURE_LOGIN,
};
export const VAULT_BY_JWT: Of<'vault-transit'> = {
  type: 'vault-transit',
  address: 'https://vault.example:8200',
  mount: 'transit',
  key: 'share',
  login: { method: 'jwt', mount: 'jwt', role: 'seal', audience: 'https://vault.example' },
};
export const VAULT_BY_SIGNATURE: Of<'vault-transit'> = {
  ...VAULT_BY_JWT,
  namespace: 'team/a',
  login: { method: 'aws', mount: 'aws', role: 'seal', serverId: 'vault.example' },
};
