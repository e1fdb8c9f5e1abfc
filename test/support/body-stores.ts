import { Duration } from 'aws-cdk-lib';
import { BodyStore } from '../../lib/body-store';
import { VaultLogin } from '../../lib/vault-login';
import { AZURE, GOOGLE, VAULT, VAULT_ROLES } from './external-keys';

/** Body stores outside the database, as their owners would give them: none of them exists. */

export const secretsManagerBodies = (): BodyStore => BodyStore.secretsManager({ maxRecords: 1_000 });
export const googleBodies = (): BodyStore =>
  BodyStore.googleSecretManager({
    maxRecords: 1_000,
    project: 'wallets-1',
    workloadIdentityProvider: GOOGLE.workloadIdentityProvider,
  });
export const azureBodies = (): BodyStore =>
  BodyStore.azureKeyVault({
    maxRecords: 1_000,
    vaultUrl: 'https://shares.vault.azure.net',
    tenantId: AZURE.tenantId,
    clients: {
      seal: AZURE.sealClientId,
      unseal: AZURE.unsealClientId,
      destroy: '44444444-4444-4444-4444-444444444444',
    },
    recovery: Duration.days(90),
  });
export const vaultBodies = (): BodyStore =>
  BodyStore.vaultKv({
    maxRecords: 1_000,
    address: VAULT.address,
    login: VaultLogin.jwt({ ...VAULT_ROLES, destroyRole: 'share-vault-destroy' }),
  });
