import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Verification, type Session, Sessions, verifyRequest } from '../../../../local/emulator/signature';
import { material } from '../../../support/run';
import { signedByHand } from './by-hand';
import {
  type Captured,
  PRINCIPAL,
  REGION,
  FixedClock,
  capture,
  credentialsOf,
  headerOf,
  withAuthorization,
  withHeader,
} from './support';

const MINUTE_MS = 60_000;

/** Issued and signed once. Each test sets the clock relative to that time. */
const sessions = new Sessions();
let session: Session;
let kms: Captured;
let lambda: Captured;
let secrets: Captured;
let clock: FixedClock;

const configOf = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: credentialsOf(session),
  maxAttempts: 1,
});

beforeAll(async () => {
  session = sessions.issue(PRINCIPAL, { seconds: 3_600 });
  const encrypt = { KeyId: 'alias/share', Plaintext: material(32), EncryptionContext: { environment: 'dev' } };
  const invoke = {
    FunctionName: 'arn:aws:lambda:eu-central-1:111122223333:function:share-vault-dev-unseal',
    Qualifier: 'signer',
    LogType: 'Tail' as const,
    Payload: material(64),
  };
  kms = await capture((url) => new KMSClient(configOf(url)).send(new EncryptCommand(encrypt)));
  lambda = await capture((url) => new LambdaClient(configOf(url)).send(new InvokeCommand(invoke)));
  const secret = new GetSecretValueCommand({ SecretId: 'share-vault/dev' });
  secrets = await capture((url) => new SecretsManagerClient(configOf(url)).send(secret));
});
beforeEach(() => {
  clock = new FixedClock();
});

const verify = ({ body, ...request }: Captured, changes: Partial<Verification> = {}) =>
  verifyRequest(request, body, {
    credentials: sessions,
    region: REGION,
    service: 'kms',
    protocol: 'json',
    now: clock.now,
    ...changes,
  });

describe('a request that an SDK signed', () => {
  test.each<[string, () => Captured]>([
    ['kms', () => kms],
    ['lambda', () => lambda],
    ['secretsmanager', () => secrets],
  ])('for %s passes, and has the principal of its session', (service, request) => {
    expect(verify(request(), { service })).toBe(session);
    expect(session.principal).toBe(PRINCIPAL);
  });

  test('passes again within five minutes of its date, to either side, and then no more', () => {
    const at = (offset: number) => () => verify(kms, { now: () => dateOf(kms) + offset });

    expect(at(5 * MINUTE_MS)()).toBe(session);
    expect(at(-5 * MINUTE_MS)()).toBe(session);
    expect(at(5 * MINUTE_MS + 1)).toThrowWithCode('InvalidSignatureException');
    expect(at(-5 * MINUTE_MS - 1)).toThrowWithCode('InvalidSignatureException');
  });

  test('keeps its body unchanged', () => {
    const body = Buffer.from(kms.body);

    verify({ ...kms, body });

    expect(body.equals(kms.body)).toBe(true);
  });
});

/** Returns the time of `x-amz-date`. */
const dateOf = (request: Captured): number =>
  Date.parse(headerOf(request, 'x-amz-date').replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const MISMATCH = 'InvalidSignatureException';
const INCOMPLETE = 'IncompleteSignatureException';
const UNRECOGNIZED = 'UnrecognizedClientException';

describe('the verification refuses', () => {
  test.each<[string, (request: Captured) => Captured, string]>([
    ['another method', (request) => ({ ...request, method: 'PUT' }), MISMATCH],
    ['another path', (request) => ({ ...request, url: '/other' }), MISMATCH],
    ['a query', (request) => ({ ...request, url: '/?Action=Decrypt' }), MISMATCH],
    ['a longer body', (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) }), MISMATCH],
    ['a body with one bit changed', flippedBit, MISMATCH],
    ['no body', (request) => ({ ...request, body: Buffer.alloc(0) }), MISMATCH],
    ['another date', (request) => withHeader(request, 'x-amz-date', aSecondLater(request)), MISMATCH],
    ['a date of another spelling', (request) => withHeader(request, 'x-amz-date', 'yesterday'), INCOMPLETE],
    [
      'a date that never is',
      (request) => withHeader(request, 'x-amz-date', headerOf(request, 'x-amz-date').replace(/T.*/, 'T246060Z')),
      INCOMPLETE,
    ],
    ['no date', (request) => withHeader(request, 'x-amz-date'), MISMATCH],
    ['two dates', (request) => withSecond(request, 'x-amz-date'), INCOMPLETE],
    ['no token', (request) => withHeader(request, 'x-amz-security-token'), MISMATCH],
    [
      'another token',
      (request) => withHeader(request, 'x-amz-security-token', `${session.sessionToken}A`),
      UNRECOGNIZED,
    ],
    ['an empty token', (request) => withHeader(request, 'x-amz-security-token', ''), UNRECOGNIZED],
    ['another target', (request) => withHeader(request, 'x-amz-target', 'TrentService.Decrypt'), MISMATCH],
    ['a second target', (request) => withSecond(request, 'x-amz-target'), MISMATCH],
    ['no target', (request) => withHeader(request, 'x-amz-target'), MISMATCH],
    ['another host', (request) => withHeader(request, 'host', 'kms.example.test'), MISMATCH],
    ['another region in its scope', (request) => withAuthorization(request, REGION, 'us-east-1'), MISMATCH],
    ['another service in its scope', (request) => withAuthorization(request, '/kms/', '/lambda/'), MISMATCH],
    ['another day in its scope', (request) => withAuthorization(request, /\/\d{8}\//, '/20200101/'), MISMATCH],
    [
      'another signature',
      (request) => withAuthorization(request, /Signature=.*/, `Signature=${'0'.repeat(64)}`),
      MISMATCH,
    ],
    ['a shorter signature', (request) => withAuthorization(request, /..$/, ''), MISMATCH],
    ['an upper-case signature', upperCase, MISMATCH],
    ['no signature', (request) => withAuthorization(request, /, Signature=.*/, ''), INCOMPLETE],
    ['two signatures', (request) => withAuthorization(request, /(, Signature=.*)/, '$1$1'), INCOMPLETE],
    ['no credential', (request) => withAuthorization(request, /Credential=[^,]*, /, ''), INCOMPLETE],
    ['a scope cut short', (request) => withAuthorization(request, '/aws4_request', ''), INCOMPLETE],
    ['another algorithm', (request) => withAuthorization(request, 'HMAC-SHA256', 'HMAC-SHA1'), INCOMPLETE],
    ['another scheme', (request) => withHeader(request, 'authorization', 'Bearer abc'), INCOMPLETE],
    ['two authorizations', (request) => withSecond(request, 'authorization'), INCOMPLETE],
    ['no authorization', (request) => withHeader(request, 'authorization'), 'MissingAuthenticationTokenException'],
    ['a host that is not signed', unsigned('host'), MISMATCH],
    ['a date that is not signed', unsigned('x-amz-date'), MISMATCH],
    ['a target that is not signed', unsigned('x-amz-target'), MISMATCH],
    ['a token that is not signed', unsigned('x-amz-security-token'), MISMATCH],
    [
      'a service’s header that was added on the way',
      (request) => ({ ...request, rawHeaders: [...request.rawHeaders, 'X-Amz-Log-Type', 'Tail'] }),
      MISMATCH,
    ],
    ['signed headers out of order', (request) => withAuthorization(request, /(SignedHeaders=)([^,;]+);([^,;]+)/, '$1$3;$2'), INCOMPLETE], // prettier-ignore
    ['a signed header twice', (request) => withAuthorization(request, 'host;', 'host;host;'), INCOMPLETE],
    [
      'a key that is nobody’s',
      (request) => withAuthorization(request, session.accessKeyId, 'ASIAAAAAAAAAAAAAAAAA'),
      UNRECOGNIZED,
    ],
  ])('%s', (_what, change, code) => {
    expect(() => verify(change(kms))).toThrowWithCode(code);
  });

  test('each signed header with another value', () => {
    const names = /SignedHeaders=([^,]+)/.exec(headerOf(kms, 'authorization'))?.[1]?.split(';') ?? [];

    const attempts = names.map((name) => () => verify(withHeader(kms, name, `${headerOf(kms, name)}x`)));

    expect(names).toEqual(expect.arrayContaining(['content-type', 'host', 'x-amz-date', 'x-amz-target']));
    attempts.forEach((attempt) => expect(attempt).toThrow());
  });

  test('another qualifier, function or invocation type than was signed', () => {
    const rest = { service: 'lambda', protocol: 'rest-json' } as const;
    const url = lambda.url ?? '';
    const others = [
      { ...lambda, url: url.replace('signer', 'other') },
      { ...lambda, url: url.replace(/\?.*/, '') },
      { ...lambda, url: url.replace('dev-unseal', 'dev-revoke') },
      withHeader(lambda, 'x-amz-log-type', 'None'),
    ];

    expect(verify(lambda, rest)).toBe(session);
    others.forEach((other) => expect(() => verify(other, rest)).toThrowWithCode(MISMATCH));
  });

  test('a request that was signed for another region or service', () => {
    expect(() => verify(kms, { region: 'us-east-1' })).toThrowWithCode(MISMATCH);
    expect(() => verify(kms, { service: 'secretsmanager' })).toThrowWithCode(MISMATCH);
  });

  test('a scope that was changed to another region or service, at that service as well', () => {
    const region = withAuthorization(kms, REGION, 'us-east-1');
    const service = withAuthorization(kms, '/kms/', '/ssm/');

    expect(() => verify(region, { region: 'us-east-1' })).toThrowWithCode(MISMATCH);
    expect(() => verify(service, { service: 'ssm' })).toThrowWithCode(MISMATCH);
  });

  test.each<[string, readonly string[], string | undefined]>([
    ['nothing beyond the least', ['host', 'x-amz-date', 'x-amz-security-token'], undefined],
    ['all but the host', ['x-amz-date', 'x-amz-security-token'], 'expected host to be signed'],
    ['all but the date', ['host', 'x-amz-security-token'], 'expected x-amz-date to be signed'],
    ['all but the token', ['host', 'x-amz-date'], 'expected x-amz-security-token to be signed'],
    ['a header that did not come', ['a', 'host', 'x-amz-date', 'x-amz-security-token'], 'expected the signed header a'],
  ])('a request exactly if a required header is not signed: %s', (_what, names, message) => {
    const attempt = outcomeOf(() => verify(signedByHand(session, clock.at, names)));

    expect(attempt).toBe(message);
  });

  test('a request that was signed with another secret', async () => {
    const stranger = { ...credentialsOf(session), secretAccessKey: 'x'.repeat(40) };
    const client = (url: string) => new KMSClient({ ...configOf(url), credentials: stranger });
    const request = await capture((url) =>
      client(url).send(new EncryptCommand({ KeyId: 'a', Plaintext: material(32) })),
    );

    expect(() => verify(request)).toThrowWithCode(MISMATCH);
  });

  test('a session that has ended, from that moment on', () => {
    const ending = { find: () => ({ ...session, expiresAt: clock.at }) };
    const lasting = { find: () => ({ ...session, expiresAt: clock.at + 1 }) };

    expect(() => verify(kms, { credentials: ending })).toThrowWithCode('ExpiredTokenException');
    expect(verify(kms, { credentials: lasting })).toMatchObject({ accessKeyId: session.accessKeyId });
  });

  test('a session that has ended by the clock of its issuer, whatever the date of the request', () => {
    const credentials = {
      find: () => ({ ...session, expiresAt: clock.at + 3_600_000 }),
      now: () => clock.at + 3_600_000,
    };

    expect(() => verify(kms, { credentials })).toThrowWithCode('ExpiredTokenException');
  });

  test('a token with a credential that has none', () => {
    const longTerm = { find: () => ({ ...session, sessionToken: undefined, expiresAt: undefined }) };

    expect(() => verify(kms, { credentials: longTerm })).toThrowWithCode(UNRECOGNIZED);
  });

  test('a request with the status of its protocol', () => {
    const request = withHeader(kms, 'authorization');

    expect(statusOf(() => verify(request))).toBe(400);
    expect(statusOf(() => verify(request, { protocol: 'rest-json' }))).toBe(403);
  });
});

/** Returns the message of the thrown error; undefined if there is none. */
function outcomeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function flippedBit(request: Captured): Captured {
  const body = Buffer.from(request.body);
  body[body.length - 2] = (body[body.length - 2] ?? 0) ^ 1;
  return { ...request, body };
}

function aSecondLater(request: Captured): string {
  const later = new Date(dateOf(request) + 1000).toISOString();
  return later.replace(/[-:]|\.000/g, '');
}

function withSecond(request: Captured, name: string): Captured {
  return { ...request, rawHeaders: [...request.rawHeaders, name, headerOf(request, name)] };
}

function upperCase(request: Captured): Captured {
  const signature = /[0-9a-f]{64}$/.exec(headerOf(request, 'authorization'))?.[0] ?? '';
  return withAuthorization(request, signature, signature.toUpperCase());
}

function unsigned(name: string) {
  return (request: Captured) => withAuthorization(request, new RegExp(`(SignedHeaders=|;)${name}(;)?`), '$1');
}

function statusOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { status: number }).status;
  }
}
