import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BodyStore } from '../../lib/body-store';
import { Egress } from '../../lib/egress';
import { ExternalKey } from '../../lib/external-key';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { VaultLogin } from '../../lib/vault-login';
import { AZURE, azureKey, GOOGLE, googleKey, hsmKey, signedGoogleKey, VAULT_ROLES } from '../support/external-keys';
import { googleBodies } from '../support/body-stores';
import { testVault } from '../support/vault';

const ONE = 'https://one.example.com';
const OTHER = 'https://other.example.com';
const DESTROYER = '44444444-4444-4444-4444-444444444444';
const OTHER_CLIENT = '55555555-5555-5555-5555-555555555555';

function login(audience?: string): VaultLogin {
  return VaultLogin.jwt({ ...VAULT_ROLES, destroyRole: 'share-vault-destroy', ...(audience && { audience }) });
}

const keyAt = (address: string, audience?: string) =>
  ExternalKey.vaultTransit({ address, key: 'share-key', login: login(audience) });
const bodiesAt = (address: string, audience?: string) =>
  BodyStore.vaultKv({ address, login: login(audience), maxRecords: 10 });

const made = (props: Partial<ShareVaultProps>) => () => testVault({ egress: Egress.firewall(), ...props });

describe('a vault whose functions log in at several services by tokens', () => {
  test.each([
    ['two keys', { otherKeys: [keyAt(ONE, 'vault'), keyAt(OTHER, 'vault')] }],
    ['a key and a body store', { otherKeys: [keyAt(ONE, 'vault')], bodyStore: bodiesAt(OTHER, 'vault') }],
    ['a share key and another key', { shareKey: keyAt(ONE, 'vault'), otherKeys: [keyAt(OTHER, 'vault')] }],
  ])('is refused with one audience for two Vaults of %s: each could act at the other', (_what, props) => {
    expect(made(props)).toThrow(`audience: expected another one for each Vault, got vault for ${ONE} and ${OTHER}`);
  });

  test('is refused if the audience of a Vault is the address of another one', () => {
    expect(made({ otherKeys: [keyAt(ONE), keyAt(OTHER, ONE)] })).toThrow(
      `audience: expected another one for each Vault, got ${ONE} for ${ONE} and ${OTHER}`,
    );
  });

  test.each([
    ['two Vaults', { otherKeys: [keyAt(ONE), keyAt(OTHER)] }],
    ['one Vault', { otherKeys: [keyAt(ONE, 'vault')], bodyStore: bodiesAt(ONE, 'vault') }],
    ['Google Cloud', { otherKeys: [googleKey()], bodyStore: googleBodies() }],
    ['Azure', { otherKeys: [azureKey(), hsmKey()] }],
  ])('may use keys and stores of %s', (_what, props) => {
    expect(made(props)).not.toThrow();
  });
});

test.each(['api://AzureADTokenExchange', `//iam.googleapis.com/${GOOGLE.workloadIdentityProvider}`])(
  'a login at a Vault is refused with the audience %s of another cloud, where the Vault could act with the token',
  (audience) => {
    expect(() => login(audience)).toThrow(`audience: expected one that only this Vault accepts, got "${audience}"`);
  },
);

describe('a vault with identities at Azure or a Vault', () => {
  const clients = { seal: AZURE.sealClientId, unseal: AZURE.unsealClientId, destroy: DESTROYER };
  const azureStore = (changed: Partial<typeof clients>) =>
    BodyStore.azureKeyVault({
      vaultUrl: 'https://shares.vault.azure.net',
      tenantId: AZURE.tenantId,
      maxRecords: 10,
      recovery: Duration.days(90),
      clients: { ...clients, ...changed },
    });
  const loginAs = (roles: object) => VaultLogin.jwt({ sealRole: 's', unsealRole: 'u', destroyRole: 'd', ...roles });
  const vaultStore = (roles: object) => BodyStore.vaultKv({ address: ONE, maxRecords: 10, login: loginAs(roles) });
  const vaultKey = (roles: object) =>
    ExternalKey.vaultTransit({ address: ONE, key: 'share-key', login: loginAs(roles) });

  test.each([
    [
      'to unwrap and to destroy',
      { otherKeys: [azureKey()], bodyStore: azureStore({ unseal: OTHER_CLIENT, destroy: AZURE.unsealClientId }) },
      'destroy than to unseal',
    ],
    [
      'to wrap and to destroy',
      { otherKeys: [azureKey()], bodyStore: azureStore({ seal: OTHER_CLIENT, destroy: AZURE.sealClientId }) },
      'destroy than to seal',
    ],
    [
      'to unwrap and to destroy',
      { otherKeys: [vaultKey({})], bodyStore: vaultStore({ unsealRole: 'other', destroyRole: 'u' }) },
      'destroy than to unseal',
    ],
    [
      'to wrap and to read',
      { otherKeys: [azureKey()], bodyStore: azureStore({ seal: OTHER_CLIENT, unseal: AZURE.sealClientId }) },
      'unseal than to seal',
    ],
    [
      'to wrap and to read',
      { otherKeys: [vaultKey({})], bodyStore: vaultStore({ sealRole: 'u', unsealRole: 's' }) },
      'unseal than to seal',
    ],
  ])('is refused with one %s', (_what, props, message) => {
    expect(made(props)).toThrow(`identities: expected another one to ${message}, got `);
  });

  test.each([
    ['one identity for keys and bodies', { otherKeys: [azureKey()], bodyStore: azureStore({}) }],
    ['roles of one name in two auth methods', { otherKeys: [vaultKey({ mount: 'other' })], bodyStore: vaultStore({ sealRole: 'u', unsealRole: 's' }) }], // prettier-ignore
  ])('may have %s', (_what, props) => {
    expect(made(props)).not.toThrow();
  });
});

describe('a vault that logs in at Google Cloud', () => {
  const SUBJECT = Match.stringLikeRegexp('has up to 131 bytes, and Google Cloud accepts a subject of 127: map google');

  test('by signed requests is told at synth that the ARN of a session may be too long as a subject', () => {
    Annotations.fromStack(made({ otherKeys: [signedGoogleKey()] })().stack).hasInfo('*', SUBJECT);
  });

  test('by tokens is told nothing: their subject is the role', () => {
    Annotations.fromStack(made({ otherKeys: [googleKey()] })().stack).hasNoInfo('*', SUBJECT);
  });
});
