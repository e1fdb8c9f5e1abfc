import type { BodyStoreDescription } from '../../contract/elsewhere';
import { createAzureKeyVaultBodies } from './azure-key-vault';
import type { BodyStore } from './body-store';
import { createGoogleSecretManagerBodies } from './google-secret-manager';
import { createSecretsManagerBodies } from './secrets-manager';
import { createVaultKvBodies } from './vault-kv';

/** Creates the body store of a description, for one environment's entries. */
export function createBodyStore(description: BodyStoreDescription, environment: string): BodyStore {
  switch (description.type) {
    case 'secrets-manager':
      return createSecretsManagerBodies(description, environment);
    case 'google-secret-manager':
      return createGoogleSecretManagerBodies(description, environment);
    case 'azure-key-vault':
      return createAzureKeyVaultBodies(description, environment);
    case 'vault-kv':
      return createVaultKvBodies(description, environment);
  }
}
