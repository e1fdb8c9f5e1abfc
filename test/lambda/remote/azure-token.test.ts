import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAzureTokens } from '../../../lambda/remote/azure-token';
import type { StandInResponse } from '../../../local/emulator/elsewhere/stand-in';
import { AUDIENCE, AzureServer, OPENER, ROLE, TENANT } from '../../local/emulator/elsewhere/azure/support';

const soon = () => AbortSignal.timeout(10_000);
const VAULT = 'https://vault.azure.net';

describe("a login at Azure with a web identity token of the function's role", () => {
  const server = new AzureServer();
  beforeAll(async () => {
    await server.start();
  });
  afterAll(() => server.close());
  beforeEach(() => server.reset());

  const tokens = (login = { tenant: TENANT, client: OPENER }) => createAzureTokens(login, VAULT);
  const respond = (response: StandInResponse) => {
    let calls = 0;
    server.azure.interceptor = async () => {
      calls += 1;
      return response;
    };
    return () => calls;
  };

  test('gets an access token that the vaults accept, and keeps it', async () => {
    const cache = tokens();

    const token = await cache.get(soon());

    expect(server.azure.directory.authenticate(`Bearer ${token}`, VAULT)).toBe(OPENER);
    expect(await cache.get(soon())).toBe(token);
    expect(server.tokens).toBe(1);
  });

  test.each([
    ['another subject', { sub: `${ROLE}-2` }, 'AADSTS700213'],
    ['another audience', { aud: `${AUDIENCE}/` }, 'AADSTS700212'],
    ['another issuer', { iss: 'https://other.tokens.sts.global.api.aws' }, 'AADSTS700211'],
    ['a lifetime that ended', { exp: 1 }, 'AADSTS700024'],
  ])('is refused with %s, by a number of Azure and without the subject', async (_what, claims, number) => {
    server.claims = claims;

    const refused: unknown = await tokens().get(soon()).catch((error: unknown) => error); // prettier-ignore

    expect(String(refused)).toBe(`KeyUnavailable: expected azure to accept the login, got ${number}`);
  });

  test.each([
    ['an unknown application', { tenant: TENANT, client: TENANT }],
    ['another tenant', { tenant: OPENER, client: OPENER }],
  ])('is refused for %s', async (_what, login) => {
    await expect(tokens(login).get(soon())).rejects.toThrowWithCode('KeyUnavailable');
  });

  test.each([
    [429, 'KeyThrottled', 3],
    [500, 'KeyUnreachable', 3],
    [401, 'KeyUnavailable', 1],
    [400, 'KeyUnavailable', 1],
  ])('maps the status %i to %s after %i attempts', async (status, code, attempts) => {
    const calls = respond({ status, body: 'not json' });

    await expect(tokens().get(soon())).rejects.toThrowWithCode(code);

    expect(calls()).toBe(attempts);
  });

  test.each([
    [400, ['secret'], 'KeyUnavailable: expected azure login to do as asked, got status 400'],
    [400, 'secret', 'KeyUnavailable: expected azure login to do as asked, got status 400'],
    [400, [7000], 'KeyUnavailable: expected azure to accept the login, got AADSTS7000'],
    [503, [7000], 'KeyUnreachable: expected azure login to do as asked, got status 503'],
  ])('names a refusal of status %i with the codes %j as %j', async (status, codes, expected) => {
    respond({ status, body: { error_codes: codes } });

    const refused: unknown = await tokens().get(soon()).catch((error: unknown) => error); // prettier-ignore

    expect(String(refused)).toBe(expected);
  });

  const issued = { token_type: 'Bearer', expires_in: 3_599, access_token: 'abc' };
  test.each<[string, object | string]>([
    ['that is no JSON', '<html>'],
    ['without a token', { ...issued, access_token: undefined }],
    ['with a token of two lines', { ...issued, access_token: 'abc\r\nx: y' }],
    ['with another type of token', { ...issued, token_type: 'pop' }],
    ['without a lifetime', { ...issued, expires_in: undefined }],
    ['with a lifetime that is not a number', { ...issued, expires_in: '3599' }],
    ['with no lifetime left', { ...issued, expires_in: 0 }],
  ])('refuses a response %s', async (_what, body) => {
    respond({ status: 200, body });

    await expect(tokens().get(soon())).rejects.toThrowWithCode('KeyUnreachable');
  });

  test('tries again for the next call after a refused login', async () => {
    const cache = tokens();
    server.claims = { sub: 'another' };
    await expect(cache.get(soon())).rejects.toThrowWithCode('KeyUnavailable');
    server.claims = {};

    await expect(cache.get(soon())).resolves.toMatch(/^[\w-]+$/);
  });
});
