import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AzureStandIn } from '../../../../../local/emulator/elsewhere/azure';
import { AUDIENCE, ROLE, SEALER, TENANT, TestIssuer, createAzure } from './support';

const VAULT_SCOPE = 'https://vault.azure.net/.default';
const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe("Azure's login service", () => {
  const issuer = new TestIssuer();
  let azure: AzureStandIn;
  beforeEach(() => {
    azure = createAzure(issuer);
  });

  const send = async (changes: Record<string, string | undefined> = {}, tenant = TENANT) => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: SEALER,
      scope: VAULT_SCOPE,
      client_assertion_type: BEARER,
      client_assertion: issuer.issue(),
    });
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) form.delete(name);
      else form.set(name, value);
    }
    const response = await azure.respond({
      method: 'POST',
      url: new URL(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`),
      headers: {},
      body: Buffer.from(form.toString()),
    });
    return { status: response?.status, body: JSON.parse(JSON.stringify(response?.body)) as Record<string, unknown> };
  };

  test('exchanges a token of the federated issuer for an access token', async () => {
    const { status, body } = await send();

    expect(status).toBe(200);
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: 3_599,
      ext_expires_in: 3_599,
      access_token: expect.stringMatching(/^[\w-]{64}$/),
    });
  });

  test.each([
    ['issuer', { iss: 'https://other.tokens.sts.global.api.aws' }, 700211],
    ['subject', { sub: `${ROLE}-2` }, 700213],
    ['subject by case', { sub: ROLE.toUpperCase() }, 700213],
    ['audience', { aud: 'https://vault.azure.net' }, 700212],
    ['lifetime', { exp: 1 }, 700024],
  ])('refuses a token that has another %s than the federated credential', async (_what, claims, code) => {
    const { status, body } = await send({ client_assertion: issuer.issue(claims) });

    expect(status).toBe(401);
    expect(body).toMatchObject({ error: 'invalid_client', error_codes: [code] });
  });

  test('refuses a token that another key signed', async () => {
    const { status, body } = await send({ client_assertion: new TestIssuer().issue() });

    expect(status).toBe(401);
    expect(body).toMatchObject({ error: 'invalid_client', error_codes: [700027] });
  });

  test('refuses a token with another algorithm than RSA', async () => {
    const { body } = await send({ client_assertion: issuer.issue({}, { alg: 'ES384' }) });

    expect(body).toMatchObject({ error: 'invalid_client', error_codes: [5002738] });
  });

  test.each([
    ['an unknown application', { client_id: TENANT }, 'unauthorized_client', 700016],
    ['no application', { client_id: undefined }, 'invalid_request', 900144],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type', 70003],
    ['another scope', { scope: 'https://graph.microsoft.com/.default' }, 'invalid_scope', 70011],
    ['two scopes', { scope: `${VAULT_SCOPE} https://managedhsm.azure.net/.default` }, 'invalid_scope', 70011],
    ['no assertion', { client_assertion: undefined }, 'invalid_request', 900144],
    ['an assertion that is no token', { client_assertion: 'abc' }, 'invalid_client', 50027],
    ['another kind of assertion', { client_assertion_type: 'saml' }, 'invalid_request', 900144],
  ])('refuses a login with %s', async (_what, changes, error, code) => {
    expect((await send(changes)).body).toMatchObject({ error, error_codes: [code] });
  });

  test('refuses a login at another tenant', async () => {
    expect((await send({}, SEALER)).body).toMatchObject({ error: 'invalid_request', error_codes: [90002] });
  });

  test('accepts 20 federated credentials of an application, each pair of issuer and subject once', () => {
    const add = (subject: string) => () =>
      azure.directory.addFederatedCredential(SEALER, { issuer: issuer.url, subject, audience: AUDIENCE });
    for (let i = 1; i < 20; i += 1) add(`role-${i}`)();

    expect(add('role-20')).toThrow('expected at most 20 federated credentials');
    expect(() =>
      azure.directory.addFederatedCredential(TENANT, { issuer: issuer.url, subject: ROLE, audience: AUDIENCE }),
    ).not.toThrow();
    expect(() =>
      azure.directory.addFederatedCredential(TENANT, { issuer: issuer.url, subject: ROLE, audience: 'other' }),
    ).toThrow('got a second');
  });
});
