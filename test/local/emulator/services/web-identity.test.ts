import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GetWebIdentityTokenCommand, type GetWebIdentityTokenCommandInput, STSClient } from '@aws-sdk/client-sts';
import { type AwsServer, startAwsServer } from '../../../../local/emulator/services';
import { createSts } from '../../../../local/emulator/services/sts';
import { AWS_CLAIMS, WebIdentityIssuer } from '../../../../local/emulator/services/web-identity';

const ROLE = 'arn:aws:iam::111122223333:role/vault/Seal';
const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:share-vault-dev-seal';
const AUDIENCE = 'https://vault.example.com';
const INPUT = { Audience: [AUDIENCE], DurationSeconds: 300, SigningAlgorithm: 'RS256' };
const PRINCIPAL = { arn: 'arn:aws:sts::111122223333:assumed-role/Seal/s', roleArn: ROLE, account: '111122223333' };
const PLACE = { account: '111122223333', region: 'eu-central-1' };

let server: AwsServer;
let client: STSClient;
let issuer: WebIdentityIssuer;

async function start(sts: Parameters<typeof createSts>): Promise<void> {
  server = await startAwsServer({ services: [createSts(...sts)] });
  const credentials = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'an example' };
  client = new STSClient({ endpoint: server.url, region: 'eu-central-1', maxAttempts: 1, credentials });
}

const session = (sourceFunctionArn?: string, expiresAt = Number.POSITIVE_INFINITY) => {
  return () => ({ principal: { ...PRINCIPAL, sourceFunctionArn }, expiresAt });
};

const ask = async (input: Partial<GetWebIdentityTokenCommandInput> = {}) => {
  const { WebIdentityToken = '', Expiration } = await client.send(
    new GetWebIdentityTokenCommand({ ...INPUT, ...input }),
  );
  return { token: WebIdentityToken, expiration: Expiration };
};

const form = async (fields: readonly (readonly [string, string])[]) => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261130/eu-central-1/sts/aws4_request';
  const body = new URLSearchParams({ Action: 'GetWebIdentityToken' });
  for (const [name, value] of fields) body.append(name, value);
  const response = await fetch(server.url, { method: 'POST', headers: { authorization }, body });
  return { status: response.status, code: /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1] };
};

beforeEach(async () => {
  issuer = new WebIdentityIssuer(PLACE);
  await start([session(FUNCTION), issuer]);
});
afterEach(async () => {
  client.destroy();
  await server.close();
});

describe('GetWebIdentityToken', () => {
  test("gives the SDK's client a token that the published key verifies, for the time that was asked for", async () => {
    const { token, expiration } = await ask({ DurationSeconds: 60 });

    const keys = createLocalJWKSet(issuer.jwks() as Parameters<typeof createLocalJWKSet>[0]);
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: issuer.url, audience: AUDIENCE });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(payload).toMatchObject({ sub: ROLE, aud: AUDIENCE, exp: (payload.iat ?? 0) + 60 });
    expect(expiration?.getTime()).toBe((payload.exp ?? 0) * 1000);
  });

  test("names the account, the region, the role and the caller's function", async () => {
    const { token } = await ask();

    expect((await issuer.verify(token))?.all[AWS_CLAIMS]).toEqual({
      aws_account: '111122223333',
      source_region: 'eu-central-1',
      principal_id: ROLE,
      lambda_source_function_arn: FUNCTION,
    });
  });

  test('names no function if the session is of none', async () => {
    await server.close();
    await start([session(), issuer]);

    expect((await issuer.verify((await ask()).token))?.all[AWS_CLAIMS]).not.toHaveProperty(
      'lambda_source_function_arn',
    );
  });

  test('makes another token for each call', async () => {
    const tokens = [await ask(), await ask()].map(({ token }) => token);
    const ids = await Promise.all(tokens.map(async (token) => (await issuer.verify(token))?.all.jti));

    expect(new Set([...ids, undefined]).size).toBe(3);
  });

  test('takes ten audiences, and lasts 300 seconds if the request has no duration', async () => {
    const many = Array.from({ length: 10 }, (_, at) => `https://${at}.example.com`);
    const { token } = await ask({ Audience: many, DurationSeconds: undefined });

    const claims = await issuer.verify(token);
    expect(claims?.aud).toEqual(many);
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(300);
  });

  test.each<[string, Partial<GetWebIdentityTokenCommandInput>]>([
    ['no audience', { Audience: [] }],
    ['eleven audiences', { Audience: Array.from({ length: 11 }, String) }],
    ['an empty audience', { Audience: [''] }],
    ['an audience of 1001 characters', { Audience: ['a'.repeat(1001)] }],
    ['59 seconds', { DurationSeconds: 59 }],
    ['3601 seconds', { DurationSeconds: 3601 }],
    ['an algorithm that this STS does not have', { SigningAlgorithm: 'ES384' }],
    ['no algorithm', { SigningAlgorithm: undefined }],
    ['tags', { Tags: [{ Key: 'a', Value: 'b' }] }],
    ['another subject', { SubjectMode: 'OriginIdentity' }],
    ['a scope', { Scope: 'read' }],
  ])('refuses %s', async (_what, input) => {
    await expect(ask(input)).rejects.toMatchObject({ name: 'ValidationError', $metadata: { httpStatusCode: 400 } });
  });

  test.each<[string, readonly (readonly [string, string])[]]>([
    ['a duration that is no whole number', [['DurationSeconds', '3e2']]],
    ['a member twice', [['SigningAlgorithm', 'RS256'], ['SigningAlgorithm', 'RS256']]], // prettier-ignore
  ])('refuses a form with %s', async (_what, fields) => {
    const whole = [['Audience.member.1', AUDIENCE], ...fields] as const;

    expect(await form(whole)).toEqual({ status: 400, code: 'ValidationError' });
  });

  test('refuses a token that would outlive its session', async () => {
    await server.close();
    await start([session(FUNCTION, Date.now() + 200_000), issuer]);

    await expect(ask()).rejects.toMatchObject({ name: 'SessionDurationEscalationException' });
    expect((await ask({ DurationSeconds: 60 })).token).not.toBe('');
  });

  test('is refused in an account that did not enable outbound federation', async () => {
    await server.close();
    await start([session(FUNCTION)]);

    const refused = { name: 'OutboundWebIdentityFederationDisabledException', $metadata: { httpStatusCode: 403 } };
    await expect(ask()).rejects.toMatchObject(refused);
  });

  test('is refused for an access key that is unknown', async () => {
    await server.close();
    await start([() => undefined, issuer]);

    await expect(ask()).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

describe('an issuer of web identity tokens', () => {
  let now = 1_800_000_000_000;
  const clocked = new WebIdentityIssuer({ ...PLACE, now: () => now });
  const issue = () => clocked.issue({ principal: PRINCIPAL, audience: [AUDIENCE], seconds: 300 }).token;

  beforeEach(() => {
    now = 1_800_000_000_000;
  });

  test('has a URL of its account, the same after a restart', () => {
    expect(clocked.url).toMatch(/^https:\/\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tokens\.sts\.global\.api\.aws$/);
    expect(issuer.url).toBe(clocked.url);
    expect(new WebIdentityIssuer({ ...PLACE, account: '444455556666' }).url).not.toBe(clocked.url);
  });

  test('verifies a token of its own up to its end', async () => {
    const token = issue();
    now += 299_999;
    expect(await clocked.verify(token)).toMatchObject({ sub: ROLE, aud: [AUDIENCE], iss: clocked.url });
    now += 1;
    expect(await clocked.verify(token)).toBeUndefined();
  });

  test.each<[string, (token: string) => string]>([
    ['of another key', () => new WebIdentityIssuer(PLACE).issue({ principal: PRINCIPAL, audience: [AUDIENCE], seconds: 300 }).token], // prettier-ignore
    ['with a changed claim', (token) => token.replace(/\.(.{20})./, '.$1A')],
    ['without a signature', (token) => token.replace(/[^.]+$/, '')],
    ['that claims to be unsigned', (token) => token.replace(/^[^.]+/, Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url'))], // prettier-ignore
    ['with a fourth part', (token) => `${token}.`],
    ['that is no token', () => 'token'],
    ['that is empty', () => ''],
  ])('does not verify a text %s', async (_what, change) => {
    expect(await clocked.verify(change(issue()))).toBeUndefined();
  });

  test('does not verify a token from the future', async () => {
    const token = issue();
    now -= 1;
    expect(await clocked.verify(token)).toBeUndefined();
  });
});
