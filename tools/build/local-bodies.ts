import { Duration } from 'aws-cdk-lib';
import { BodyStore } from '../../lib/body-store';
import type { BodyStoreOptions } from '../../lib/body-store-options';
import { Egress } from '../../lib/egress';
import type { NetworkOptions } from '../../lib/network-options';
import { VaultLogin } from '../../lib/vault-login';
import { AZURE, GOOGLE_PROVIDER, VAULT_ADDRESS } from './local-keys';

/** The body stores that `--bodies` can name. None of these accounts exists: the local vault and its stand-ins have the bodies. */
export const LOCAL_BODIES = ['secrets-manager', 'google', 'azure', 'vault'] as const;
export type LocalBodies = (typeof LOCAL_BODIES)[number];

const maxRecords = 100;

const STORES: Readonly<Record<LocalBodies, () => BodyStore>> = {
  'secrets-manager': () => BodyStore.secretsManager({ maxRecords }),
  google: () =>
    BodyStore.googleSecretManager({ maxRecords, project: 'local-project', workloadIdentityProvider: GOOGLE_PROVIDER }),
  azure: () =>
    BodyStore.azureKeyVault({
      maxRecords,
      vaultUrl: 'https://local-bodies.vault.azure.net',
      tenantId: AZURE.tenantId,
      clients: {
        seal: AZURE.sealClientId,
        unseal: AZURE.unsealClientId,
        destroy: 'de57de57-0000-4000-8000-000000000003',
      },
      recovery: Duration.days(90),
    }),
  vault: () =>
    BodyStore.vaultKv({
      maxRecords,
      address: VAULT_ADDRESS,
      login: VaultLogin.jwt({
        sealRole: 'share-vault-seal',
        unsealRole: 'share-vault-unseal',
        destroyRole: 'share-vault-destroy',
      }),
    }),
};

/** Returns the props of a vault with this body store, and with a way out to one outside AWS. */
export function localBodyProps(bodies: LocalBodies | undefined): BodyStoreOptions & Pick<NetworkOptions, 'egress'> {
  if (bodies === undefined) return {};
  return { bodyStore: STORES[bodies](), ...(bodies !== 'secrets-manager' && { egress: Egress.firewall() }) };
}
