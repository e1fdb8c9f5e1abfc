import type { ShareVaultProps } from '../share-vault-props';

/**
 * Throws if a vault with bodies elsewhere should test its restores: no backup of the database has the bodies, so that a test
 * would prove less than it says.
 */
export function requireWholeBackups({ restoreTesting, bodyStore }: ShareVaultProps): void {
  if (restoreTesting === undefined || bodyStore === undefined) return;
  throw new Error(
    'restoreTesting: expected none together with bodyStore, got both: backups of the database have no bodies',
  );
}
