import { describe, expect, test } from '@jest/globals';
import { ELSEWHERE_PATTERNS } from '../../lambda/contract/elsewhere';
import { ExternalKey } from '../../lib/external-key';
import { VaultLogin } from '../../lib/vault-login';
import {
  AZURE,
  GOOGLE,
  HSM,
  VAULT,
  VAULT_ROLES,
  awsKey,
  azureKey,
  googleKey,
  hsmKey,
  jwtKey,
  signedGoogleKey,
} from '../support/external-keys';
import { CERTIFICATE } from '../support/certificate';

const audience = `//iam.googleapis.com/${GOOGLE.workloadIdentityProvider}`;
const azure = { tenant: AZURE.tenantId };

describe('an external key describes itself to the functions', () => {
  test.each([
    ['Google Cloud KMS', googleKey(), { type: 'gcp-kms', key: GOOGLE.key, audience, method: 'token' }],
    [
      'Google Cloud KMS by a signature',
      signedGoogleKey(),
      { type: 'gcp-kms', key: GOOGLE.key, audience, method: 'signature' },
    ],
  ])('in the same way to all, since each has its own role: %s', (_service, key, description) => {
    expect(key._describe('seal')).toEqual(description);
    expect(key._describe('unseal')).toEqual(description);
  });

  test.each([
    ['Azure Key Vault', azureKey(), { ...azure, type: 'azure-key-vault', key: AZURE.keyId }],
    ['Azure Managed HSM', hsmKey(), { ...azure, type: 'azure-managed-hsm', key: HSM.keyId }],
  ])('with the application of each identity: %s', (_service, key, description) => {
    expect(key._describe('seal')).toEqual({ ...description, client: AZURE.sealClientId });
    expect(key._describe('unseal')).toEqual({ ...description, client: AZURE.unsealClientId });
  });

  test.each([
    ['jwt', jwtKey(), { method: 'jwt', mount: 'jwt', audience: VAULT.address }],
    ['aws', awsKey(), { method: 'aws', mount: 'aws' }],
  ])('with the role of each identity at a Vault: %s', (_method, key, login) => {
    const description = { type: 'vault-transit', ...VAULT, mount: 'transit' };

    expect(key._describe('seal')).toEqual({ ...description, login: { ...login, role: VAULT_ROLES.sealRole } });
    expect(key._describe('unseal')).toEqual({ ...description, login: { ...login, role: VAULT_ROLES.unsealRole } });
  });

  test('with everything that the owner of a Vault can choose', () => {
    const login = VaultLogin.jwt({ ...VAULT_ROLES, mount: 'auth/lambda', audience: 'share-vault' });
    const key = ExternalKey.vaultTransit({
      ...VAULT,
      login,
      mount: 'team/transit',
      vaultNamespace: 'team/a',
      caCertificate: CERTIFICATE.pem,
    });

    expect(key._describe('seal')).toMatchObject({
      mount: 'team/transit',
      namespace: 'team/a',
      ca: CERTIFICATE.der,
      login: { mount: 'auth/lambda', audience: 'share-vault' },
    });
  });

  test('with a server id that a login at a Vault must name', () => {
    const login = VaultLogin.aws({ ...VAULT_ROLES, serverId: 'vault.example.com' });

    expect(login._describe('seal', VAULT.address)).toMatchObject({ serverId: 'vault.example.com' });
  });

  test('by the provider id of its messages', () => {
    const keys = [googleKey(), azureKey(), hsmKey(), jwtKey()];

    expect(keys.map(({ providerId }) => providerId)).toEqual([
      'gcp-kms',
      'azure-key-vault',
      'azure-managed-hsm',
      'vault-transit',
    ]);
  });
});

describe('an external key is refused', () => {
  test.each([
    ['Azure', () => ExternalKey.azureKeyVault({ ...AZURE, unsealClientId: AZURE.sealClientId }), 'unsealClientId'],
    ['a Vault', () => VaultLogin.jwt({ ...VAULT_ROLES, unsealRole: VAULT_ROLES.sealRole }), 'unsealRole'],
  ])('if one identity could seal and unseal: %s', (_service, make, name) => {
    expect(make).toThrow(`${name}: expected another one than to seal, got the same`);
  });

  test('with the key of a managed HSM as one of a vault, and the reverse', () => {
    expect(() => ExternalKey.azureKeyVault(HSM)).toThrow(/^keyId: expected a versioned id like .+, got /);
    expect(() => ExternalKey.azureManagedHsm(AZURE)).toThrow(/^keyId: expected a versioned id like .+, got /);
  });

  test.each([
    ['without a version', { keyId: AZURE.keyId.replace(/\/[0-9a-f]{32}$/, '') }],
    ['of another host', { keyId: AZURE.keyId.replace('vault.azure.net', 'vault.azure.net.example') }],
  ])('with a key in Azure %s', (_what, changed) => {
    expect(() => ExternalKey.azureKeyVault({ ...AZURE, ...changed })).toThrow(/^keyId: expected .+, got /);
  });

  test.each(['http://vault.example.com', 'https://user@vault.example.com', 'https://vault.example.com/v1'])(
    'with %s as the address of a Vault',
    (address) => {
      const make = () => ExternalKey.vaultTransit({ ...VAULT, address, login: VaultLogin.jwt(VAULT_ROLES) });

      expect(make).toThrow(/^address: expected an address like .+, got /);
    },
  );

  test('with the props of a login instead of a login', () => {
    const login = VAULT_ROLES as unknown as VaultLogin;

    expect(() => ExternalKey.vaultTransit({ ...VAULT, login })).toThrow(/^login: expected VaultLogin\.jwt/);
  });

  test.each([
    ['a private key', ['-----BEGIN PRIVATE', 'KEY-----\nMIIB\n-----END PRIVATE', 'KEY-----\n'].join(' ')],
    ['two certificates', CERTIFICATE.pem + CERTIFICATE.pem],
    ['bytes that are no certificate', CERTIFICATE.pem.replace(/\nMI.{40}/, `\nMI${'A'.repeat(40)}`)],
    ['a path', './vault-ca.pem'],
    ['a number', 7],
  ])('with %s as the certificate of an authority, and the value is not quoted', (_what, caCertificate) => {
    const login = VaultLogin.jwt(VAULT_ROLES);
    const make = () => ExternalKey.vaultTransit({ ...VAULT, login, caCertificate: caCertificate as string });

    expect(make).toThrow(
      'caCertificate: expected one X.509 certificate in PEM, of at most 1,536 bytes in DER, got another value',
    );
  });

  test('with an audience that the functions would refuse, the address of a Vault among them', () => {
    const pattern = ELSEWHERE_PATTERNS.audience;

    expect(VAULT.address).toMatch(pattern);
    expect(() => VaultLogin.jwt({ ...VAULT_ROLES, audience: 'a b' })).toThrow(/^audience: expected .+, got "a b"$/);
  });
});
