import type { BodyStoreDescription } from '../../contract/elsewhere';

/** Returns the days between the destruction of an entry and its effect: until then somebody could restore it. */
export function delayDays(description: BodyStoreDescription): number {
  switch (description.type) {
    case 'secrets-manager':
      return description.recoveryDays;
    case 'google-secret-manager':
      return description.destroyDelayDays;
    case 'azure-key-vault':
      return description.purge ? 0 : description.recoveryDays;
    case 'vault-kv':
      return 0;
  }
}
