import { describe, expect, test } from '@jest/globals';
import { shortKeyName } from '../../../client/commands/data/key-names';

describe('the short name of a key', () => {
  test.each([
    ['aws-kms arn:aws:kms:eu-central-1:111122223333:key/0f6f5f1e', 'aws-kms 0f6f5f1e'],
    [`share-vault-recovery safe-2026 SHA256:${'a'.repeat(43)}`, 'recovery safe-2026'],
    ['gcp-kms projects/p/locations/global/keyRings/ring/cryptoKeys/share', 'gcp-kms share'],
    ['azure-key-vault https://sv-dev.vault.azure.net/keys/share/0123', 'azure-key-vault share/0123'],
    ['azure-managed-hsm https://sv-dev.managedhsm.azure.net/keys/share/0123', 'azure-managed-hsm share/0123'],
    ['vault-transit https://vault.example:8200/v1/transit/keys/share', 'vault-transit share'],
    ['other anything', 'other anything'],
  ])('of %j is %j', (whole, short) => {
    expect(shortKeyName(whole)).toBe(short);
  });
});
