import type { OtherKeyDescription } from '../../contract/elsewhere';
import type { OtherKey } from '../provider';
import { createAzureKeyVaultKey } from './azure-key-vault';
import { createAzureManagedHsmKey } from './azure-managed-hsm';
import { createGoogleCloudKmsKey } from './google-cloud-kms';
import { createVaultTransitKey } from './vault-transit';

/** Creates the key of a description. Makes no call. */
export function createOtherKey(description: OtherKeyDescription): OtherKey {
  switch (description.type) {
    case 'gcp-kms':
      return createGoogleCloudKmsKey(description);
    case 'azure-key-vault':
      return createAzureKeyVaultKey(description);
    case 'azure-managed-hsm':
      return createAzureManagedHsmKey(description);
    case 'vault-transit':
      return createVaultTransitKey(description);
  }
}
