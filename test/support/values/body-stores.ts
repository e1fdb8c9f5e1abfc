import { Duration } from 'aws-cdk-lib';
import { BodyStore } from '../../../lib/body-store';
import { VaultLogin } from '../../../lib/vault-login';
import { CERTIFICATE } from '../certificate';
import * as keys from '../external-keys';
import type { Make } from './parts';
import { durations, LONG, members, NO_TEXT, numbers, required, texts, TOKEN, VALUES, type Values } from './values';

const login = VaultLogin.jwt({ ...keys.VAULT_ROLES, destroyRole: 'destroy' });
const uuid = required(texts([keys.AZURE.tenantId], ['1', keys.AZURE.tenantId.replace('1', 'A')]));
const vaultPath = texts(['secret', 'team/a', LONG(63)], ['/secret', 'secret/', 'a//b', 'a b', LONG(64)]);
const vaultName = texts(['a', 'destroy_1', LONG(128)], ['a/b', 'a.b', LONG(129)]);
const clients = {
  seal: keys.AZURE.sealClientId,
  unseal: keys.AZURE.unsealClientId,
  destroy: '5d4c3b2a-1f0e-4d9c-8b7a-6f5e4d3c2b1a',
};

const aws = (props: object) => BodyStore.secretsManager({ maxRecords: 1, ...props });
const google = (props: object) =>
  BodyStore.googleSecretManager({
    maxRecords: 1,
    project: 'wallets-1',
    workloadIdentityProvider: keys.GOOGLE.workloadIdentityProvider,
    ...props,
  });
const azure = (props: object) =>
  BodyStore.azureKeyVault({
    maxRecords: 1,
    vaultUrl: 'https://shares.vault.azure.net',
    tenantId: keys.AZURE.tenantId,
    clients,
    recovery: Duration.days(7),
    ...props,
  });
const kv = (props: object) => BodyStore.vaultKv({ maxRecords: 1, address: keys.VAULT.address, login, ...props });

/** Rows of the props of body stores. */
export const BODY_STORE_ENTRIES: Readonly<Record<string, readonly [values: Values, make: Make, named?: string]>> = {
  'BodyStoreProps.maxRecords': [
    required(numbers([1, 100_000], [0, -1, 1.5, 100_001])),
    (maxRecords) => aws({ maxRecords }),
  ],
  'SecretsManagerBodyStoreProps.recoveryWindow': [
    durations([Duration.days(0), Duration.days(7), Duration.days(30)], [Duration.days(6), Duration.days(31)]),
    (recoveryWindow) => aws({ recoveryWindow }),
  ],
  'GoogleBodyStoreProps.project': [
    required(texts(['wallets-1', '123456789012'], ['Wallets', 'a', 'projects/wallets-1'])),
    (project) => google({ project }),
  ],
  'GoogleBodyStoreProps.workloadIdentityProvider': [
    required(texts([keys.GOOGLE.workloadIdentityProvider], ['projects/name/locations/global'])),
    (workloadIdentityProvider) => google({ workloadIdentityProvider }),
  ],
  'GoogleBodyStoreProps.login': [
    members(['token', 'signature'], ['TOKEN', 'jwt', 7]),
    (value) => google({ login: value }),
  ],
  'GoogleBodyStoreProps.destroyDelay': [
    durations([Duration.days(0), Duration.days(1_000)], [Duration.hours(1), Duration.days(1_001)]),
    (destroyDelay) => google({ destroyDelay }),
  ],
  'AzureBodyStoreProps.vaultUrl': [
    required(texts(['https://shares.vault.azure.net'], ['http://shares.vault.azure.net', 'https://shares.vault.azure.net/'])), // prettier-ignore
    (vaultUrl) => azure({ vaultUrl }),
  ],
  'AzureBodyStoreProps.tenantId': [uuid, (tenantId) => azure({ tenantId })],
  'AzureBodyStoreProps.recovery': [
    required(durations([Duration.days(7), Duration.days(90)], [Duration.days(6), Duration.days(91)])),
    (recovery) => azure({ recovery }),
  ],
  'AzureBodyStoreProps.purge': [VALUES.flag, (purge) => azure({ purge })],
  'AzureBodyClients.seal': [uuid, (seal) => azure({ clients: { ...clients, seal } }), 'clients.seal'],
  'AzureBodyClients.unseal': [uuid, (unseal) => azure({ clients: { ...clients, unseal } }), 'clients.unseal'],
  'AzureBodyClients.destroy': [uuid, (destroy) => azure({ clients: { ...clients, destroy } }), 'clients.destroy'],
  'VaultBodyStoreProps.address': [
    required(texts([keys.VAULT.address, 'https://v'], ['http://v', 'https://v/', 'https://V'])),
    (address) => kv({ address }),
  ],
  'VaultBodyStoreProps.login': [
    { accepted: [], refused: [undefined, ...NO_TEXT, 'jwt', keys.VAULT_ROLES] },
    (value) => kv({ login: value }),
  ],
  'VaultBodyStoreProps.mount': [vaultPath, (mount) => kv({ mount })],
  'VaultBodyStoreProps.vaultNamespace': [vaultPath, (vaultNamespace) => kv({ vaultNamespace })],
  'VaultBodyStoreProps.caCertificate': [
    { accepted: [CERTIFICATE.pem], refused: [...NO_TEXT, TOKEN, CERTIFICATE.der] },
    (caCertificate) => kv({ caCertificate }),
  ],
  'VaultLoginProps.destroyRole': [
    vaultName,
    (destroyRole) => VaultLogin.jwt({ ...keys.VAULT_ROLES, destroyRole: destroyRole as string }),
  ],
};
