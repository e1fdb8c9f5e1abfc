import { describe, expect, test } from '@jest/globals';
import { readEnvironments } from '../../bin/environments';
import { AZURE, GOOGLE, VAULT, VAULT_ROLES } from '../support/external-keys';

const STORAGE_KEY = 'arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000000';
const { workloadIdentityProvider } = GOOGLE;
const secrets = { type: 'secretsManager', maxRecords: 1_000 };
const google = { type: 'googleSecretManager', maxRecords: 1_000, project: 'wallets-1', workloadIdentityProvider };
const azure = {
  type: 'azureKeyVault',
  maxRecords: 1_000,
  vaultUrl: 'https://shares.vault.azure.net',
  tenantId: AZURE.tenantId,
  clients: {
    seal: AZURE.sealClientId,
    unseal: AZURE.unsealClientId,
    destroy: '44444444-4444-4444-4444-444444444444',
  },
  recoveryDays: 90,
};
const vault = {
  type: 'vaultKv',
  maxRecords: 1_000,
  address: VAULT.address,
  login: { type: 'jwt', ...VAULT_ROLES, destroyRole: 'destroy' },
};

describe('the body store of an environment', () => {
  test.each([
    [secrets, { type: 'secrets-manager', maxRecords: 1_000, recoveryDays: 7 }],
    [
      { ...secrets, recoveryWindowDays: 0 },
      { type: 'secrets-manager', recoveryDays: 0 },
    ],
    [
      { ...google, destroyDelayDays: 3 },
      { type: 'google-secret-manager', project: 'wallets-1', destroyDelayDays: 3 },
    ],
    [
      { ...azure, purge: true },
      { type: 'azure-key-vault', vault: azure.vaultUrl, recoveryDays: 90, purge: true },
    ],
    [
      { ...vault, mount: 'team/kv' },
      { type: 'vault-kv', mount: 'team/kv', login: { role: 'destroy' } },
    ],
  ])('is read with each type and each member: %j', (bodyStore, description) => {
    const [environment] = readEnvironments({ qa: { bodyStore } });

    expect(environment?.bodyStore?._describe('destroy', STORAGE_KEY)).toMatchObject(description);
  });

  test.each([
    ['without a type', { maxRecords: 1 }, 'bodyStore.type: expected secretsManager or googleSecretManager or'],
    ['without its most records', { type: 'secretsManager' }, 'bodyStore.maxRecords: expected 1 to 100000, got none'],
    ['of too many records', { ...secrets, maxRecords: 100_001 }, 'bodyStore.maxRecords: expected 1 to 100000 in steps'],
    [
      'with a window that Secrets Manager refuses',
      { ...secrets, recoveryWindowDays: 6 },
      'bodyStore: recoveryWindow: ',
    ],
    ['with a delay in text', { ...google, destroyDelayDays: '3' }, 'bodyStore.destroyDelayDays: expected 0 to 1000'],
    ['without a retention', { ...azure, recoveryDays: undefined }, 'bodyStore.recoveryDays: expected 7 to 90'],
    ['without applications', { ...azure, clients: undefined }, 'bodyStore.clients: expected an object, got none'],
    [
      'with an unknown application',
      { ...azure, clients: { ...azure.clients, audit: azure.tenantId } },
      'bodyStore.clients: expected one of seal, unseal, destroy, got the unknown "audit"',
    ],
    [
      'without a role to destroy',
      { ...vault, login: { type: 'jwt', ...VAULT_ROLES } },
      'bodyStore: destroyRole: expected a role of the auth method for a body store, got none',
    ],
    ['with an unknown member', { ...secrets, region: 'x' }, 'bodyStore: expected one of type, maxRecords,'],
  ])('is refused %s', (_what, bodyStore, message) => {
    expect(() => readEnvironments({ qa: { bodyStore } })).toThrow(message);
  });
});
