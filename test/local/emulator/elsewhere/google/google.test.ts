import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signCallerIdentityUrl } from '../../../../../lambda/remote/caller-identity';
import { GoogleStandIn } from '../../../../../local/emulator/elsewhere/google';
import { WebIdentityIssuer } from '../../../../../local/emulator/services/web-identity';
import { ACCOUNT, AUDIENCES, GoogleFixture, KEY, POOL, REGION, ROLE } from './support';

const PRINCIPAL = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Seal/s`, roleArn: ROLE, account: ACCOUNT };
const TYPES = 'urn:ietf:params:oauth:token-type';
const AWS_TYPE = 'urn:ietf:params:aws:token-type:aws4_request';
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';

describe("the stand-in of Google's token service and Cloud KMS", () => {
  let fixture = new GoogleFixture();
  beforeEach(async () => {
    fixture = await new GoogleFixture().start([
      {
        ...{ audience: `${POOL}/providers/conditional`, type: 'oidc', issuer: fixture.issuer },
        condition: ({ sub }) => sub !== ROLE,
      },
      { audience: `${POOL}/providers/other-account`, type: 'aws', account: '444455556666', check: async () => ({ arn: PRINCIPAL.arn, account: ACCOUNT }) }, // prettier-ignore
    ]);
  });
  afterEach(() => fixture.close());

  const tokenFor = (audience: string, roleArn = ROLE) =>
    fixture.issuer.issue({ principal: { ...PRINCIPAL, roleArn }, audience: [audience], seconds: 300 }).token;

  const signed = async (audience: string) => {
    const { url, headers } = await signCallerIdentityUrl({ 'x-goog-cloud-target-resource': audience });
    return { url: url.href, method: 'POST', headers: Object.entries(headers).map(([key, value]) => ({ key, value })) };
  };

  const exchange = async (fields: Readonly<Record<string, string>> = {}) => {
    const body = new URLSearchParams({
      ...{ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', scope: SCOPE, audience: AUDIENCES.token },
      ...{ requested_token_type: `${TYPES}:access_token`, subject_token_type: `${TYPES}:jwt` },
      ...{ subject_token: tokenFor(AUDIENCES.token), ...fields },
    });
    const response = await fetch(`${fixture.urls.sts}/v1/token`, { method: 'POST', body });
    return (await response.json()) as { readonly access_token?: string; readonly error?: string };
  };

  const exchangeSigned = (request: object, audience: string = AUDIENCES.signature) =>
    exchange({ audience, subject_token_type: AWS_TYPE, subject_token: encodeURIComponent(JSON.stringify(request)) });

  const encrypt = async (token: string | undefined, key = KEY) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const body = JSON.stringify({ plaintext: 'AAAA' });
    const response = await fetch(`${fixture.urls.kms}/v1/${key}:encrypt`, { method: 'POST', headers, body });
    return (await response.json()) as { readonly name?: string; readonly error?: { readonly status: string } };
  };

  test('exchanges a token, with or without the scheme in its audience', async () => {
    expect((await exchange()).access_token).toMatch(/^ya29\./);
    expect((await exchange({ subject_token: tokenFor(`https:${AUDIENCES.token}`) })).access_token).toMatch(/^ya29\./);
  });

  test.each<[string, () => Readonly<Record<string, string>>, string]>([
    ['for another audience', () => ({ subject_token: tokenFor('https://example.com') }), 'invalid_grant'],
    ['of another issuer', () => ({ subject_token: new WebIdentityIssuer({ account: ACCOUNT, region: REGION }).issue({ principal: PRINCIPAL, audience: [AUDIENCES.token], seconds: 300 }).token }), 'invalid_grant'], // prettier-ignore
    ['with a subject of 128 bytes', () => ({ subject_token: tokenFor(AUDIENCES.token, ROLE.padEnd(128, 'x')) }), 'invalid_request'], // prettier-ignore
    ['for a provider that is unknown', () => ({ audience: `${POOL}/providers/none` }), 'invalid_target'],
    ['that the condition rejects', () => ({ audience: `${POOL}/providers/conditional`, subject_token: tokenFor(`${POOL}/providers/conditional`) }), 'unauthorized_client'], // prettier-ignore
    ['of another type', () => ({ subject_token_type: AWS_TYPE }), 'invalid_request'],
    ['for another grant', () => ({ grant_type: 'client_credentials' }), 'invalid_request'],
    ['for no scope', () => ({ scope: '' }), 'invalid_request'],
  ])('exchanges no token %s', async (_what, fields, error) => {
    expect(await exchange(fields())).toMatchObject({ error });
  });

  test('exchanges a token with a subject of 127 bytes', async () => {
    expect(await exchange({ subject_token: tokenFor(AUDIENCES.token, ROLE.padEnd(127, 'x')) })).not.toHaveProperty('error'); // prettier-ignore
  });

  test('exchanges a signed GetCallerIdentity', async () => {
    expect((await exchangeSigned(await signed(AUDIENCES.signature))).access_token).toMatch(/^ya29\./);
  });

  test('exchanges no signed request for another provider', async () => {
    expect(await exchangeSigned(await signed(AUDIENCES.token))).toMatchObject({ error: 'invalid_grant' });
  });

  test('exchanges no signed request whose receiver was changed', async () => {
    const request = await signed(AUDIENCES.token);
    const headers = request.headers.map(({ key, value }) => ({
      key,
      value: key === 'x-goog-cloud-target-resource' ? AUDIENCES.signature : value,
    }));

    expect(await exchangeSigned({ ...request, headers })).toMatchObject({ error: 'invalid_grant' });
  });

  test('exchanges no signed request of another account', async () => {
    const audience = `${POOL}/providers/other-account`;

    expect(await exchangeSigned(await signed(audience), audience)).toMatchObject({ error: 'unauthorized_client' });
  });

  test('exchanges no request for another operation', async () => {
    const request = await signed(AUDIENCES.signature);
    const url = request.url.replace('GetCallerIdentity', 'GetSessionToken');

    expect(await exchangeSigned({ ...request, url })).toMatchObject({ error: 'invalid_request' });
  });

  test.each<[string, () => string | undefined]>([
    ['no token', () => undefined],
    ['a token that it did not issue', () => 'ya29.other'],
  ])('refuses a request with %s', async (_what, token) => {
    expect(await encrypt(token())).toMatchObject({ error: { status: 'UNAUTHENTICATED' } });
  });

  test('refuses a token after its end', async () => {
    const { access_token: token } = await exchange();
    expect((await encrypt(token)).name).toBe(`${KEY}/cryptoKeyVersions/1`);
    fixture.clock.advance(3_600);

    expect(await encrypt(token)).toMatchObject({ error: { status: 'UNAUTHENTICATED' } });
  });

  test('refuses a token of another scope', async () => {
    const { access_token: token } = await exchange({ scope: 'https://www.googleapis.com/auth/devstorage.read_only' });

    expect(await encrypt(token)).toMatchObject({ error: { status: 'PERMISSION_DENIED' } });
  });

  test('refuses an exchange for another type of token, and one with a member twice', async () => {
    expect(await exchange({ requested_token_type: `${TYPES}:id_token` })).toMatchObject({ error: 'invalid_request' });
    const body = `grant_type=a&grant_type=${encodeURIComponent('urn:ietf:params:oauth:grant-type:token-exchange')}`;
    const response = await fetch(`${fixture.urls.sts}/v1/token`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ error_description: 'Expected one "grant_type" in the request.' });
  });

  test('gives no right on a key whose name only begins with that of a binding', async () => {
    fixture.google.keys.ensure(`${KEY}-2`);

    const { access_token } = await exchange();

    expect(await encrypt(access_token, `${KEY}-2`)).toMatchObject({ error: { status: 'PERMISSION_DENIED' } });
  });

  test('gives a role’s right to no other role', async () => {
    const other = `${ROLE}Other`;

    const { access_token } = await exchange({ subject_token: tokenFor(AUDIENCES.token, other) });

    expect(await encrypt(access_token)).toMatchObject({ error: { status: 'PERMISSION_DENIED' } });
  });

  test('encrypts and decrypts with no disabled version', async () => {
    const { access_token = '' } = await exchange();
    const call = async (operation: string, members: object): Promise<unknown> => {
      const headers = { authorization: `Bearer ${access_token}` };
      const url = `${fixture.urls.kms}/v1/${KEY}:${operation}`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(members) })).json();
    };
    const { ciphertext } = (await call('encrypt', { plaintext: 'AAAA' })) as { readonly ciphertext: string };
    fixture.google.keys.setState(KEY, 'DISABLED');

    const refused = { error: { status: 'FAILED_PRECONDITION' } };
    expect(await call('encrypt', { plaintext: 'AAAA' })).toMatchObject(refused);
    expect(await call('decrypt', { ciphertext })).toMatchObject(refused);
  });

  test('reveals to a caller without a permission not even if a key exists', async () => {
    const { access_token: token } = await exchange();

    expect(await encrypt(token, KEY.replace('share', 'none'))).toMatchObject({
      error: { status: 'PERMISSION_DENIED' },
    });
  });
});

test('the keys of the stand-in of Google survive a restart, in a file that only its owner may read', () => {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-google-'));
  try {
    const before = new GoogleStandIn({ providers: [], dir }).keys;
    before.ensure(KEY);
    before.rotate(KEY);
    before.setState(KEY, 'DISABLED', 1);

    const after = new GoogleStandIn({ providers: [], dir }).keys;
    after.ensure(KEY);

    expect(after.find(KEY)).toEqual(before.find(KEY));
    expect(after.find(KEY).versions.map(({ state }) => state)).toEqual(['DISABLED', 'ENABLED']);
    expect(statSync(join(dir, 'google-keys.json')).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
