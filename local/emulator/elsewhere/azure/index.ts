/** Azure on this machine: logins with web identity tokens, keys of Key Vault and Managed HSM. */
export { AzureStandIn, type AzureOptions, type Interceptor } from './azure';
export type { FederatedCredential } from './assertion';
export { AzureError, azureErrors } from './azure-error';
export type { DataAction, Grant } from './grants';
export { SECRET_ACTIONS } from './secrets-part';
export type { KeySpec } from './key';
export { AzureVault, type VaultOptions } from './vault';
export { jsonOf, type VaultCall, type VaultPart } from './vault-call';
