import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type Policy, Transit, type TransitKey } from '../../../../../local/emulator/elsewhere/vault';
import { AUDIENCE, ISSUER, NAMESPACE, ROLE_ARN, TTL, VaultFixture } from './support';

const PRINCIPAL = { arn: `${ROLE_ARN}/session`, roleArn: ROLE_ARN, account: '111122223333' };
const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:share-vault-dev-seal';
const AUTH = v.object({ client_token: v.string() });
const PLAINTEXT = Buffer.alloc(32, 7).toString('base64');

/** A token that the fixture's role accepts, with some facts changed. */
function identity(
  principal: Partial<{ roleArn: string; sourceFunctionArn: string | undefined }> = {},
  audience: readonly string[] = [AUDIENCE],
): string {
  const full = { ...PRINCIPAL, sourceFunctionArn: FUNCTION, ...principal };
  return ISSUER.issue({ principal: full, audience, seconds: 300 }).token;
}

describe('the local HashiCorp Vault', () => {
  let fixture: VaultFixture;
  beforeEach(() => {
    fixture = new VaultFixture();
  });
  afterEach(() => fixture.close());

  /** Sends a request; returns the status and the body. */
  async function call(path: string, input?: object | string, headers: Record<string, string> = {}, method = 'POST') {
    const url = new URL(`https://vault.example.com:8200/v1/${path}`);
    const body = Buffer.from(typeof input === 'string' ? input : JSON.stringify(input ?? {}));
    const response = await fixture.server.respond({ method, url, headers, body });
    return { status: response?.status, body: Object(response?.body) as Record<string, never> };
  }

  const logIn = (jwt: string, mount = 'jwt', headers = {}) =>
    call(`auth/${mount}/login`, { role: 'seal', jwt }, headers);

  async function token(): Promise<Record<string, string>> {
    const { body } = await logIn(identity());
    return { 'x-vault-token': v.parse(AUTH, body.auth).client_token };
  }

  const encrypt = async (headers: Record<string, string>, path = 'transit/encrypt/share', more = {}) =>
    call(path, { plaintext: PLAINTEXT, ...more }, headers);

  test('serves its own addresses only', () => {
    const { server } = fixture;

    expect(server.serves('vault.example.com', 8_200)).toBe(true);
    expect(server.serves('vault.example.com', 443)).toBe(false);
    expect(server.serves('other.example.com', 8_200)).toBe(false);
  });

  test('issues a batch token for as long as the role says', async () => {
    const { status, body } = await logIn(identity());

    expect(status).toBe(200);
    expect(body.auth).toMatchObject({
      client_token: expect.stringMatching(/^hvb\./),
      lease_duration: TTL,
      renewable: false,
    });
  });

  test.each([
    ['a token of another role', () => identity({ roleArn: `${ROLE_ARN}2` })],
    ['a token of another function', () => identity({ sourceFunctionArn: `${FUNCTION}2` })],
    ['a token of no function', () => identity({ sourceFunctionArn: undefined })],
    ['a token for another audience', () => identity({}, ['https://other.example.com'])],
    ['a token with a changed signature', () => identity().slice(0, -4).concat('AAAA')],
    ['no token', () => ''],
  ])('lets no one log in with %s', async (_what, jwt) => {
    expect(await logIn(jwt())).toMatchObject({ status: 400, body: { errors: [expect.any(String)] } });
  });

  test('lets a token for several audiences log in if one is bound', async () => {
    expect((await logIn(identity({}, ['https://other.example.com', AUDIENCE]))).status).toBe(200);
  });

  test.each([
    ['another action', { iam_request_body: 'Action=GetSessionToken&Version=2011-06-15' }],
    ['a further parameter', { iam_request_body: 'Action=GetCallerIdentity&Version=2011-06-15&X=1' }],
    ['another method', { iam_http_request_method: 'GET' }],
    ['no server id', { iam_request_headers: '{"authorization":"SignedHeaders=host"}' }],
    ['a server id that was not signed', { iam_request_headers: '{"x-vault-aws-iam-server-id":"vault.example.com","authorization":"SignedHeaders=host, Signature=0"}' }], // prettier-ignore
    ['headers that are no object', { iam_request_headers: '[1' }],
    ['a signature of no one', {}],
  ])('lets no caller identity log in with %s', async (_what, changed) => {
    const signed = {
      iam_http_request_method: 'POST',
      iam_request_url: 'https://sts.amazonaws.com/',
      iam_request_body: 'Action=GetCallerIdentity&Version=2011-06-15',
      iam_request_headers: '{"x-vault-aws-iam-server-id":"vault.example.com","authorization":"SignedHeaders=host;x-vault-aws-iam-server-id, Signature=0"}', // prettier-ignore
      ...changed,
    };
    const { iam_http_request_method: method, ...others } = signed;
    const encoded = Object.entries(others).map(([name, text]) => [name, Buffer.from(text).toString('base64')] as const);

    const { status } = await call('auth/aws/login', { role: 'seal', iam_http_request_method: method, ...Object.fromEntries<string>(encoded) }); // prettier-ignore

    expect(status).toBe(400);
  });

  test('does not say whether a path exists to a caller without a token', async () => {
    const answers = [await encrypt({}), await encrypt({ 'x-vault-token': 'hvb.none' }), await call('nowhere/at/all')];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test('ends a token at its time', async () => {
    const headers = await token();
    fixture.passSeconds(TTL - 1);
    expect((await encrypt(headers)).status).toBe(200);

    fixture.passSeconds(1);

    expect((await encrypt(headers)).status).toBe(403);
  });

  test.each<[string, Policy, number]>([
    ['without `create`', { 'transit/*': ['update'] }, 403],
    ['with `create`', { 'transit/*': ['update', 'create'] }, 200],
  ])('makes a key for an unknown name only by a policy %s', async (_what, share, status) => {
    fixture.server.policies = { share };

    expect((await encrypt(await token(), 'transit/encrypt/shrae')).status).toBe(status);
    expect(fixture.transit.has('shrae')).toBe(status === 200);
  });

  test("keeps a namespace's keys and logins apart", async () => {
    const headers = { ...(await token()), 'x-vault-namespace': NAMESPACE };

    expect((await logIn(identity(), 'aws', { 'x-vault-namespace': NAMESPACE })).status).toBe(403);
    expect((await logIn(identity(), 'jwt', { 'x-vault-namespace': NAMESPACE })).status).toBe(200);
    expect((await encrypt(headers)).status).toBe(200);
    expect((await encrypt(headers, 'transit/encrypt/share', { associated_data: 'no base64' })).status).toBe(400);
  });

  test('refuses a request that is not JSON, and an operation that it does not have', async () => {
    const headers = await token();
    fixture.server.policies = { share: { 'transit/*': ['read', 'update'], 'kv/*': ['read'] } };

    expect((await call('transit/encrypt/share', '{', headers)).status).toBe(400);
    expect((await call('transit/export/share', {}, headers)).status).toBe(405);
    expect((await call('kv/data/share', '', headers, 'GET')).status).toBe(404);
    expect((await call('transit/encrypt/share', '', headers, 'TRACE')).status).toBe(405);
  });

  test('keeps its keys in what an earlier run stored', () => {
    const stored: TransitKey[][] = [];
    const first = new Transit([], (keys) => stored.push(structuredClone([...keys])));
    const context = { associated_data: 'AAAA' };
    first.create('share');
    const query = new URLSearchParams();
    const request = {
      method: 'POST',
      path: 'encrypt/share',
      query,
      input: { plaintext: PLAINTEXT, ...context },
    } as const;
    const { ciphertext } = Object(first.respond(request)) as { ciphertext: string };

    const second = new Transit(stored.at(-1));

    const opened = second.respond({ method: 'POST', path: 'decrypt/share', query, input: { ciphertext, ...context } });
    expect(opened).toEqual({ plaintext: PLAINTEXT });
  });
});
