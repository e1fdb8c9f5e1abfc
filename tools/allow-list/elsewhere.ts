import { generateKeyPairSync } from 'node:crypto';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { recoveryKeysDigest } from '../../lambda/contract/recovery';
import { BodyStore } from '../../lib/body-store';
import { Egress } from '../../lib/egress';
import { ExternalKey } from '../../lib/external-key';
import { GoogleLogin } from '../../lib/google-login';
import { RecoveryKey } from '../../lib/recovery-key';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { VaultLogin } from '../../lib/vault-login';

/** Keys outside AWS that show a token, and one that shows a signed request. */
const GOOGLE = {
  key: 'projects/wallets-1/locations/europe-west1/keyRings/shares/cryptoKeys/share-key',
  workloadIdentityProvider:
    'projects/123456789012/locations/global/workloadIdentityPools/share-vault/providers/aws-vault',
};
const VAULT_LOGIN = VaultLogin.jwt({ sealRole: 'seal', unsealRole: 'unseal' });
export const OTHERS = [
  ExternalKey.googleCloudKms(GOOGLE),
  ExternalKey.vaultTransit({ address: 'https://vault.example.com:8200', key: 'share-key', login: VAULT_LOGIN }),
];
const SIGNED = [ExternalKey.googleCloudKms({ ...GOOGLE, login: GoogleLogin.SIGNATURE })];
const RECOVERY = [RecoveryKey.offline({ name: 'safe', publicKey: newPublicKey() })];

function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}

const fingerprints = (keys: readonly RecoveryKey[]) => keys.map(({ fingerprint }) => fingerprint);

const SERVICE = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';
const FIREWALL = Egress.firewall();
const NAT = Egress.natGateway();
const LINK = Egress.privateLink({ service: SERVICE });
const PROXY = Egress.proxy({ url: 'http://proxy.example.com:3128', peer: ec2.Peer.ipv4('10.1.2.3/32') });
const GROUPED_PROXY = Egress.proxy({
  url: 'http://proxy.example.com:3128',
  peer: ec2.Peer.securityGroupId('sg-0123456789abcdef0'),
});
const SECRETS = BodyStore.secretsManager({ maxRecords: 1_000 });
const DIRECTORY = '11111111-1111-1111-1111-111111111111';
const APPLICATION = '22222222-2222-2222-2222-222222222222';
const OPENER = '33333333-3333-3333-3333-333333333333';
const { workloadIdentityProvider } = GOOGLE;
const STORES = {
  Google: BodyStore.googleSecretManager({ maxRecords: 1_000, project: 'wallets-1', workloadIdentityProvider }),
  'Google, which gets signed requests,': BodyStore.googleSecretManager({
    ...{ maxRecords: 1_000, project: 'wallets-1', workloadIdentityProvider },
    login: GoogleLogin.SIGNATURE,
  }),
  Azure: BodyStore.azureKeyVault({
    maxRecords: 1_000,
    vaultUrl: 'https://bodies.vault.azure.net',
    tenantId: DIRECTORY,
    clients: { seal: APPLICATION, unseal: OPENER, destroy: DIRECTORY },
    recovery: Duration.days(7),
  }),
  'a Vault': BodyStore.vaultKv({
    maxRecords: 1_000,
    address: 'https://vault.example.com:8200',
    login: VaultLogin.jwt({ sealRole: 'seal', unsealRole: 'unseal', destroyRole: 'destroy' }),
  }),
};
const stores = Object.entries(STORES).map(([name, bodyStore]): [string, Partial<ShareVaultProps>] => [
  `with bodies at ${name}`.replace(/,$/, ''),
  { bodyStore, egress: FIREWALL },
]);

/** The choices of keys and stores outside AWS, and of ways to them. */
export const ELSEWHERE: Readonly<Record<string, Partial<ShareVaultProps>>> = {
  'with recovery keys': { recoveryKeys: RECOVERY },
  'with recovery keys, without a webhook': { recoveryKeys: RECOVERY, webhook: undefined },
  'with a changed list of recovery keys': {
    recoveryKeys: RECOVERY,
    recoveryKeysChange: recoveryKeysDigest(fingerprints(RECOVERY)),
  },
  'with the last recovery key removed': { recoveryKeysChange: recoveryKeysDigest([]) },
  'with other keys': { otherKeys: OTHERS, egress: FIREWALL },
  'with other keys, without a webhook': { otherKeys: OTHERS, webhook: undefined, egress: FIREWALL },
  'with other keys that also open': { otherKeys: OTHERS, openWithOtherKeys: true, egress: FIREWALL },
  'with other keys and recovery keys': { otherKeys: OTHERS, recoveryKeys: RECOVERY, egress: FIREWALL },
  'with a key that gets signed requests': { otherKeys: SIGNED, egress: FIREWALL },
  'with a share key elsewhere': { shareKey: OTHERS[0], otherKeys: OTHERS.slice(1), egress: FIREWALL },
  'with a share key elsewhere that gets signed requests': { shareKey: SIGNED[0], egress: FIREWALL },
  'with a share key elsewhere, without a webhook': { shareKey: SIGNED[0], webhook: undefined, egress: FIREWALL },
  'with other keys, in dev': { environment: 'dev', otherKeys: OTHERS, egress: FIREWALL },
  'with other keys, in prod': { environment: 'prod', readers: 1, minCapacity: 1, otherKeys: OTHERS, egress: FIREWALL },
  'with other keys, that goes with its stack': {
    otherKeys: OTHERS,
    egress: FIREWALL,
    removalPolicy: RemovalPolicy.DESTROY,
  },
  'with other keys, that is retained in every case': {
    otherKeys: OTHERS,
    egress: FIREWALL,
    removalPolicy: RemovalPolicy.RETAIN,
  },
  'with other keys behind an endpoint service, that goes with its stack': {
    otherKeys: OTHERS.slice(1),
    egress: LINK,
    removalPolicy: RemovalPolicy.DESTROY,
  },
  'with other keys and NAT gateways': { otherKeys: OTHERS, egress: NAT },
  'with other keys and NAT gateways, without a webhook': { otherKeys: OTHERS, egress: NAT, webhook: undefined },
  'with other keys behind an endpoint service': { otherKeys: OTHERS.slice(1), egress: LINK },
  'with other keys behind an endpoint service, without a webhook': {
    otherKeys: OTHERS.slice(1),
    egress: LINK,
    webhook: undefined,
  },
  'with other keys behind a proxy': { otherKeys: OTHERS, egress: PROXY },
  'with other keys behind a proxy, without a webhook': { otherKeys: OTHERS, egress: PROXY, webhook: undefined },
  'with other keys behind a proxy with a security group': { otherKeys: OTHERS, egress: GROUPED_PROXY },
  'with other keys behind a proxy with a security group, without a webhook': {
    otherKeys: OTHERS,
    egress: GROUPED_PROXY,
    webhook: undefined,
  },
  'with bodies in Secrets Manager': { bodyStore: SECRETS },
  'with bodies in Secrets Manager, without a webhook': { bodyStore: SECRETS, webhook: undefined },
  'with bodies in Secrets Manager and other keys': { bodyStore: SECRETS, otherKeys: OTHERS, egress: FIREWALL },
  'with bodies in Secrets Manager and recovery keys': { bodyStore: SECRETS, recoveryKeys: RECOVERY },
  ...Object.fromEntries(stores),
  'with bodies at a Vault and other keys': { bodyStore: STORES['a Vault'], otherKeys: OTHERS, egress: FIREWALL },
  'with bodies at a Vault, without a webhook': { bodyStore: STORES['a Vault'], webhook: undefined, egress: FIREWALL },
  'with bodies at a Vault behind NAT gateways': { bodyStore: STORES['a Vault'], egress: NAT },
  'with bodies at a Vault behind an endpoint service': { bodyStore: STORES['a Vault'], egress: LINK },
  'with bodies at a Vault behind a proxy': { bodyStore: STORES['a Vault'], egress: PROXY },
};
