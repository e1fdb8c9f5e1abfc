import { describe, expect, test } from '@jest/globals';
import { readEnvironments } from '../../bin/environments';
import { AZURE, GOOGLE, HSM, VAULT, VAULT_ROLES } from '../support/external-keys';
import type { ExternalKey } from '../../lib/external-key';

const google = { type: 'googleCloudKms', ...GOOGLE };
const azure = { type: 'azureKeyVault', ...AZURE };
const transit = { type: 'vaultTransit', ...VAULT, login: { type: 'jwt', ...VAULT_ROLES } };

function keysOf(qa: object): readonly ExternalKey[] {
  return readEnvironments({ qa })[0]?.otherKeys ?? [];
}

describe('the other keys of an environment', () => {
  test.each([
    [google, { type: 'gcp-kms', key: GOOGLE.key, method: 'token' }],
    [
      { ...google, login: 'signature' },
      { type: 'gcp-kms', method: 'signature' },
    ],
    [azure, { type: 'azure-key-vault', key: AZURE.keyId, tenant: AZURE.tenantId, client: AZURE.sealClientId }],
    [
      { type: 'azureManagedHsm', ...HSM },
      { type: 'azure-managed-hsm', key: HSM.keyId },
    ],
    [transit, { type: 'vault-transit', mount: 'transit', login: { method: 'jwt', mount: 'jwt' } }],
    [
      {
        ...transit,
        mount: 'team/transit',
        vaultNamespace: 'team',
        login: { type: 'aws', ...VAULT_ROLES, mount: 'cloud', serverId: 'vault' },
      },
      { mount: 'team/transit', namespace: 'team', login: { method: 'aws', mount: 'cloud', serverId: 'vault' } },
    ],
  ])('are read with each type and each member: %j', (key, description) => {
    expect(keysOf({ otherKeys: [key] }).map((each) => each._describe('seal'))).toMatchObject([description]);
  });

  test('keep their order', () => {
    const types = keysOf({ otherKeys: [transit, google] }).map(({ providerId }) => providerId);

    expect(types).toEqual(['vault-transit', 'gcp-kms']);
  });

  test('can be the share key, and open records', () => {
    const [environment] = readEnvironments({ qa: { shareKey: azure, openWithOtherKeys: true } });

    expect(environment).toMatchObject({ shareKey: { providerId: 'azure-key-vault' }, openWithOtherKeys: true });
  });

  test.each([
    ['no list of keys', { otherKeys: google }, 'qa.otherKeys: expected a list of keys, got {'],
    ['a key that is text', { otherKeys: ['google'] }, 'otherKeys[0]: expected an object, got "google"'],
    ['a key without a type', { shareKey: GOOGLE }, 'shareKey.type: expected googleCloudKms or azureKeyVault or'],
    ['a key of another type', { shareKey: { type: 'kms' } }, 'vaultTransit, got "kms"'],
    ['an unknown member', { shareKey: { ...google, region: 'x' } }, 'shareKey: expected one of type, key,'],
    ['a missing member', { shareKey: { ...azure, tenantId: undefined } }, 'shareKey.tenantId: expected a UUID'],
    [
      'a key with its version',
      { otherKeys: [google, { ...google, key: `${GOOGLE.key}/cryptoKeyVersions/1` }] },
      'otherKeys[1].key: expected a name like projects/P/locations/L',
    ],
    [
      'a provider with the prefix of its audience',
      { shareKey: { ...google, workloadIdentityProvider: `//iam.googleapis.com/${GOOGLE.workloadIdentityProvider}` } },
      'shareKey.workloadIdentityProvider: expected a name like projects/NUMBER',
    ],
    [
      'a key of a managed HSM as one of a vault',
      { shareKey: { ...azure, keyId: HSM.keyId } },
      'shareKey.keyId: expected',
    ],
    [
      'one application for both identities',
      { shareKey: { ...azure, unsealClientId: AZURE.sealClientId } },
      'shareKey: unsealClientId: expected another one than to seal, got the same',
    ],
    [
      'no login at Vault',
      { shareKey: { ...transit, login: undefined } },
      'shareKey.login: expected an object, got none',
    ],
    [
      'an unknown member of a login',
      { shareKey: { ...transit, login: { type: 'jwt', ...VAULT_ROLES, serverId: 'x' } } },
      'shareKey.login: expected one of type, sealRole, unsealRole, destroyRole, mount, audience, got the unknown "serverId"',
    ],
    [
      'a certificate in a file that does not exist',
      { shareKey: { ...transit, caCertificate: 'none.pem' } },
      'shareKey.caCertificate: none.pem: expected a file that can be read, got ENOENT',
    ],
    [
      'a certificate in a file of another kind',
      { shareKey: { ...transit, caCertificate: 'package.json' } },
      'shareKey: caCertificate: expected one X.509 certificate in PEM',
    ],
    [
      'a switch that is text',
      { openWithOtherKeys: 'true' },
      'qa.openWithOtherKeys: expected true or false, got "true"',
    ],
  ])('are refused with %s', (_what, qa, message) => {
    expect(() => readEnvironments({ qa })).toThrow(message);
  });

  test('name all of their problems at once', () => {
    const otherKeys = [{ ...azure, tenantId: 'x', sealClientId: 'y', colour: 'red' }, { type: 'kms' }];

    expect(() => readEnvironments({ qa: { otherKeys } })).toThrow(
      /otherKeys\[0\]\.tenantId: .*otherKeys\[0\]\.sealClientId: .*"colour".*otherKeys\[1\]\.type: /,
    );
  });
});
