import { recoveryKeysDigest } from '../../../lambda/contract/recovery';
import { ExternalKey } from '../../../lib/external-key';
import { RecoveryKey } from '../../../lib/recovery-key';
import { ShareKey } from '../../../lib/share-key';
import { VaultLogin } from '../../../lib/vault-login';
import { CERTIFICATE } from '../certificate';
import * as keys from '../external-keys';
import type { Make, Parts } from './parts';
import { LONG, NO_TEXT, TOKEN, VALUES, type Values, members, required, texts } from './values';

const uuid = required(texts([keys.AZURE.tenantId], ['1', keys.AZURE.tenantId.replace('1', 'A')]));
const vaultPath = texts(['transit', 'team/a', LONG(63)], ['/transit', 'transit/', 'a//b', 'a b', LONG(64)]);
const vaultName = required(texts(['a', 'share-key_1', LONG(128)], ['a/b', 'a.b', LONG(129)]));
const audience = texts(['https://vault.example.com', LONG(255)], ['a b', 'a,b', LONG(256)]);
const azureKey = (keyId: string): Values =>
  required(texts([keyId], [keyId.slice(0, -33), keyId.replace('https', 'http'), `${keyId}/`]));

/** Values of the props of keys outside AWS and of recovery keys. */
const EXTERNAL = {
  googleKey: required(texts([keys.GOOGLE.key], ['share-key', `${keys.GOOGLE.key}/cryptoKeyVersions/1`])),
  provider: required(
    texts(
      [keys.GOOGLE.workloadIdentityProvider],
      [`//iam.googleapis.com/${keys.GOOGLE.workloadIdentityProvider}`, 'projects/name/locations/global'],
    ),
  ),
  login: members(['token', 'signature'], ['TOKEN', 'jwt', 7]),
  vaultKey: azureKey(keys.AZURE.keyId),
  hsmKey: azureKey(keys.HSM.keyId),
  address: required(texts([keys.VAULT.address, 'https://v'], ['http://v', 'https://v/', 'https://V', 'v:8200'])),
  certificate: { accepted: [CERTIFICATE.pem], refused: [...NO_TEXT, TOKEN, CERTIFICATE.der, './ca.pem'] },
  vaultLogin: {
    accepted: [VaultLogin.jwt(keys.VAULT_ROLES), VaultLogin.aws(keys.VAULT_ROLES)],
    refused: [undefined, ...NO_TEXT, 'jwt', keys.VAULT_ROLES],
  },
  publicKey: { accepted: [keys.publicPem(2_048)], refused: [undefined, ...NO_TEXT, TOKEN, './key.pem', LONG(400)] },
  shareKey: { accepted: [keys.googleKey()], refused: [null, ...NO_TEXT, TOKEN, keys.GOOGLE, keys.recoveryKey()] },
  otherKeys: {
    accepted: [[], [keys.googleKey(), keys.azureKey(), keys.hsmKey(), keys.jwtKey()]],
    refused: [...NO_TEXT.filter((value) => !Array.isArray(value)), [undefined], [keys.GOOGLE], [keys.recoveryKey()]],
  },
  retiring: {
    accepted: [[], [ShareKey.ofVault()], [keys.googleKey(), keys.azureKey(), keys.hsmKey(), ShareKey.ofVault()]],
    refused: [
      ...NO_TEXT.filter((value) => !Array.isArray(value)),
      [undefined],
      [keys.GOOGLE],
      [keys.jwtKey()],
      [ShareKey.ofVault(), ShareKey.ofVault()],
      [keys.googleKey(), keys.googleKey()],
      Array.from({ length: 5 }, () => keys.googleKey()),
    ],
  },
  recoveryKeys: {
    accepted: [[], [keys.recoveryKey('a'), keys.recoveryKey('b', 3_072)]],
    refused: [
      ...NO_TEXT.filter((value) => !Array.isArray(value)),
      [undefined],
      [keys.publicPem(2_048)],
      [keys.googleKey()],
      [keys.recoveryKey('a'), keys.recoveryKey('b')],
      [keys.recoveryKey('a'), keys.recoveryKey('a', 3_072)],
    ],
  },
  change: {
    accepted: [recoveryKeysDigest([keys.recoveryKey().fingerprint])],
    refused: [...NO_TEXT, TOKEN, recoveryKeysDigest([]), keys.recoveryKey().fingerprint],
  },
} as const satisfies Readonly<Record<string, Values>>;

const google = (props: object) => ExternalKey.googleCloudKms({ ...keys.GOOGLE, ...props });
const azure = (props: object) => ExternalKey.azureKeyVault({ ...keys.AZURE, ...props });
const transit = (props: object) =>
  ExternalKey.vaultTransit({ ...keys.VAULT, login: VaultLogin.jwt(keys.VAULT_ROLES), ...props });
const jwt = (props: object) => VaultLogin.jwt({ ...keys.VAULT_ROLES, ...props });

/** Rows of the props of keys outside AWS and of recovery keys. */
export function externalKeyEntries(parts: Parts): Readonly<Record<string, readonly [Values, Make]>> {
  const offline = (props: object) =>
    RecoveryKey.offline({ name: 'safe-2026', publicKey: keys.publicPem(2_048), ...props });
  return {
    'AzureKeyProps.keyId': [EXTERNAL.vaultKey, (keyId) => azure({ keyId })],
    'AzureKeyProps.tenantId': [uuid, (tenantId) => azure({ tenantId })],
    'AzureKeyProps.sealClientId': [uuid, (sealClientId) => azure({ sealClientId })],
    'AzureKeyProps.unsealClientId': [uuid, (unsealClientId) => azure({ unsealClientId })],
    'GoogleCloudKmsProps.key': [EXTERNAL.googleKey, (key) => google({ key })],
    'GoogleCloudKmsProps.workloadIdentityProvider': [
      EXTERNAL.provider,
      (workloadIdentityProvider) => google({ workloadIdentityProvider }),
    ],
    'GoogleCloudKmsProps.login': [EXTERNAL.login, (login) => google({ login })],
    'RecordKeyOptions.shareKey': [EXTERNAL.shareKey, (shareKey) => parts.keysWith({ shareKey })],
    'RecordKeyOptions.retiringShareKeys': [
      EXTERNAL.retiring,
      (retiringShareKeys) => parts.keysWith({ shareKey: keys.jwtKey(), retiringShareKeys }),
    ],
    'RecordKeyOptions.otherKeys': [EXTERNAL.otherKeys, (otherKeys) => parts.keysWith({ otherKeys })],
    'RecordKeyOptions.openWithOtherKeys': [
      VALUES.flag,
      (openWithOtherKeys) => parts.keysWith({ otherKeys: [keys.googleKey()], openWithOtherKeys }),
    ],
    'RecordKeyOptions.recoveryKeys': [EXTERNAL.recoveryKeys, (recoveryKeys) => parts.keysWith({ recoveryKeys })],
    'RecordKeyOptions.recoveryKeysChange': [
      EXTERNAL.change,
      (recoveryKeysChange) => parts.keysWith({ recoveryKeys: [keys.recoveryKey()], recoveryKeysChange }),
    ],
    'RecoveryKeyProps.name': [VALUES.kid, (name) => offline({ name })],
    'RecoveryKeyProps.publicKey': [EXTERNAL.publicKey, (publicKey) => offline({ publicKey })],
    'VaultAwsLoginProps.serverId': [audience, (serverId) => VaultLogin.aws({ ...keys.VAULT_ROLES, serverId: serverId as string })], // prettier-ignore
    'VaultJwtLoginProps.audience': [audience, (value) => jwt({ audience: value })],
    'VaultLoginProps.mount': [vaultPath, (mount) => jwt({ mount })],
    'VaultLoginProps.sealRole': [vaultName, (sealRole) => jwt({ sealRole })],
    'VaultLoginProps.unsealRole': [vaultName, (unsealRole) => jwt({ unsealRole })],
    'VaultTransitProps.address': [EXTERNAL.address, (address) => transit({ address })],
    'VaultTransitProps.caCertificate': [EXTERNAL.certificate, (caCertificate) => transit({ caCertificate })],
    'VaultTransitProps.key': [vaultName, (key) => transit({ key })],
    'VaultTransitProps.login': [EXTERNAL.vaultLogin, (login) => transit({ login })],
    'VaultTransitProps.mount': [vaultPath, (mount) => transit({ mount })],
    'VaultTransitProps.vaultNamespace': [vaultPath, (vaultNamespace) => transit({ vaultNamespace })],
  };
}
