import { describe, expect, test } from '@jest/globals';
import type { OtherKeyDescription } from '../../../lambda/contract/elsewhere';
import { OTHER_KEY, otherKeyId } from '../../../lambda/contract/other-key';
import { readBy } from '../../../lambda/contract/schema';
import { AZURE, AZURE_HSM, GOOGLE, VAULT_BY_JWT, VAULT_BY_SIGNATURE } from '../keys/elsewhere/support/descriptions';

const read = (value: unknown) => readBy(OTHER_KEY, value, { name: 'key' }, (message) => new TypeError(message));

describe('the description of a key elsewhere', () => {
  test.each([
    ['Google Cloud', GOOGLE],
    ['Azure Key Vault', AZURE],
    ['Azure Managed HSM', AZURE_HSM],
    ['Vault, by a web identity token', VAULT_BY_JWT],
    ['Vault, by a signed request', VAULT_BY_SIGNATURE],
  ])('of %s is read as it is', (_what, description) => {
    expect(read(JSON.parse(JSON.stringify(description)))).toEqual(description);
  });

  test.each<[string, object]>([
    ['another type', { ...GOOGLE, type: 'aws-kms' }],
    ['no type', { ...GOOGLE, type: undefined }],
    ['a version of a Google key', { ...GOOGLE, key: `${GOOGLE.key}/cryptoKeyVersions/1` }],
    ['a Google key of another resource', { ...GOOGLE, key: GOOGLE.key.replace('cryptoKeys', 'importJobs') }],
    ['an audience of another issuer', { ...GOOGLE, audience: 'https://example.com' }],
    ['a method of another service', { ...GOOGLE, method: 'jwt' }],
    ['an unknown member', { ...GOOGLE, endpoint: 'https://example.com' }],
    ['a token', { ...GOOGLE, token: 'mine' }],
    ['a key of Azure without a version', { ...AZURE, key: AZURE.key.replace(/\/[^/]*$/, '') }],
    ['a key of Azure of another host', { ...AZURE, key: AZURE.key.replace('azure.net', 'example.net') }],
    ['a host that only begins as Azure’s', { ...AZURE, key: AZURE.key.replace('azure.net', 'azure.net.example') }],
    ['a key of an HSM as one of a vault', { ...AZURE, key: AZURE_HSM.key }],
    ['a key of a vault as one of an HSM', { ...AZURE_HSM, key: AZURE.key }],
    ['a tenant that is no UUID', { ...AZURE, tenant: 'common' }],
    ['an address of Vault without TLS', { ...VAULT_BY_JWT, address: 'http://vault.example:8200' }],
    ['an address of Vault with a user', { ...VAULT_BY_JWT, address: 'https://user@vault.example' }],
    ['an address of Vault with a path', { ...VAULT_BY_JWT, address: 'https://vault.example/v1' }],
    ['a mount with a slash at its end', { ...VAULT_BY_JWT, mount: 'transit/' }],
    ['a key of Vault that leaves its engine', { ...VAULT_BY_JWT, key: '../other' }],
    ['no login', { ...VAULT_BY_JWT, login: undefined }],
    ['a login without a role', { ...VAULT_BY_JWT, login: { ...VAULT_BY_JWT.login, role: undefined } }],
    ['a login with a token', { ...VAULT_BY_JWT, login: { method: 'token', token: 'mine' } }],
    ['a login with a member of the other', { ...VAULT_BY_JWT, login: { ...VAULT_BY_JWT.login, serverId: 'vault' } }],
  ])('is refused with %s, and not quoted', (_what, value) => {
    const reading = () => read(JSON.parse(JSON.stringify(value)));

    expect(reading).toThrow(TypeError);
    expect(reading).not.toThrow(/mine|user@|common/);
  });

  test.each<[OtherKeyDescription, string]>([
    [GOOGLE, 'projects/p-12345/locations/global/keyRings/ring/cryptoKeys/share'],
    [AZURE, 'https://sv-dev.vault.azure.net/keys/share'],
    [AZURE_HSM, 'https://sv-dev.managedhsm.azure.net/keys/share'],
    [VAULT_BY_JWT, 'https://vault.example:8200/v1/transit/keys/share'],
    [VAULT_BY_SIGNATURE, 'https://vault.example:8200/v1/team/a/transit/keys/share'],
  ])('names its key, whatever its version', (description, id) => {
    expect(otherKeyId(description)).toBe(id);
  });
});
