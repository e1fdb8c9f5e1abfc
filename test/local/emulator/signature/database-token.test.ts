import { beforeEach, describe, expect, test } from '@jest/globals';
import { Signer } from '@aws-sdk/rds-signer';
import {
  type Session,
  type Sessions,
  type TokenDecision,
  verifyDatabaseToken,
} from '../../../../local/emulator/signature';
import { REGION, FixedClock, credentialsOf, newSession } from './support';

const MINUTE_MS = 60_000;
const LOGIN = { host: 'localhost', port: 5433, user: 'vault_unsealer' };

let clock: FixedClock;
let sessions: Sessions;
let session: Session;
let token: string;
beforeEach(async () => {
  clock = new FixedClock();
  ({ sessions, session } = newSession(clock));
  token = await sign();
});

/** Signs a token as a function does. */
function sign(changes: Partial<ConstructorParameters<typeof Signer>[0]> = {}): Promise<string> {
  const { host, port, user } = LOGIN;
  const login = { hostname: host, port, username: user, region: REGION, credentials: credentialsOf(session) };
  return new Signer({ ...login, ...changes }).getAuthToken();
}

/** Reads the time from the token: the SDK uses the machine's clock, in whole seconds. */
function signedAt(): number {
  const date = /X-Amz-Date=(\w+)/.exec(token)?.[1] ?? '';
  return Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

const verify = (text: string, login: Partial<typeof LOGIN> = {}): TokenDecision =>
  verifyDatabaseToken(text, { ...LOGIN, ...login }, { credentials: sessions, region: REGION, now: clock.now });
const refusal = (reason: string) => ({ accepted: false, reason });

describe('a token of the SDK', () => {
  test('is accepted repeatedly, and has the name of its principal', () => {
    const accepted = { accepted: true, credential: session, user: 'vault_unsealer' };

    expect([verify(token), verify(token)]).toEqual([accepted, accepted]);
  });

  test('is good for 15 minutes', () => {
    clock.at = signedAt() + 15 * MINUTE_MS - 1;
    const before = verify(token);
    clock.at += 1;

    expect(before).toMatchObject({ accepted: true });
    expect(verify(token)).toEqual(refusal('expired'));
  });

  test('from a clock that is more than five minutes ahead is refused', () => {
    clock.at = signedAt() - 5 * MINUTE_MS;
    const before = verify(token);
    clock.at -= 1;

    expect(before).toMatchObject({ accepted: true });
    expect(verify(token)).toEqual(refusal('not-yet-valid'));
  });

  test.each<[string, Partial<typeof LOGIN>, string]>([
    ['another user', { user: 'vault_sealer' }, 'other-user'],
    ['no user', { user: '' }, 'other-user'],
    ['another host', { host: '127.0.0.1' }, 'other-endpoint'],
    ['another port', { port: 5432 }, 'other-endpoint'],
  ])('is not good for %s', (_what, login, reason) => {
    expect(verify(token, login)).toEqual(refusal(reason));
  });

  test('ends with its session', () => {
    const short = { ...session, expiresAt: clock.at + 1_000 };
    const login = { credentials: { find: () => short }, region: REGION, now: clock.now };
    const before = verifyDatabaseToken(token, LOGIN, login);
    clock.at = short.expiresAt;

    expect(before).toMatchObject({ accepted: true });
    expect(verifyDatabaseToken(token, LOGIN, login)).toEqual(refusal('session-expired'));
  });

  test('ends with its session by the clock of the issuer of the session', () => {
    const credentials = {
      find: () => ({ ...session, expiresAt: clock.at + 3_600_000 }),
      now: () => clock.at + 3_600_000,
    };

    expect(verifyDatabaseToken(token, LOGIN, { credentials, region: REGION, now: clock.now })).toEqual(
      refusal('session-expired'),
    );
  });

  test('of another region is refused', async () => {
    expect(verify(await sign({ region: 'us-east-1' }))).toEqual(refusal('other-region'));
  });

  test('of an unknown access key is refused', async () => {
    const stranger = newSession().session;

    expect(verify(await sign({ credentials: credentialsOf(stranger) }))).toEqual(refusal('unknown-key'));
  });

  test('signed with another secret is refused', async () => {
    const credentials = { ...credentialsOf(session), secretAccessKey: 'x'.repeat(40) };

    expect(verify(await sign({ credentials }))).toEqual(refusal('tampered'));
  });

  test('without its session’s token is refused', async () => {
    const { accessKeyId, secretAccessKey } = session;

    expect(verify(await sign({ credentials: { accessKeyId, secretAccessKey } }))).toEqual(refusal('unknown-key'));
  });
});

const changedDigit = (text: string, head: string): string => `${head}${text.endsWith('0') ? '1' : '0'}`;

describe('a tampered token', () => {
  test.each<[string, (token: string) => string, string]>([
    ['another date', (text) => text.replace(/(X-Amz-Date=\d{8}T\d{5})./, changedDigit), 'tampered'],
    ['another day', (text) => text.replace(/(X-Amz-Credential=[^&]*%2F)\d{8}/, '$120200101'), 'tampered'],
    ['a shorter life', (text) => text.replace('X-Amz-Expires=900', 'X-Amz-Expires=899'), 'tampered'],
    ['a longer life', (text) => text.replace('X-Amz-Expires=900', 'X-Amz-Expires=901'), 'malformed'],
    ['an endless life', (text) => text.replace('X-Amz-Expires=900', 'X-Amz-Expires=-1'), 'malformed'],
    ['another service', (text) => text.replace('rds-db', 'kms'), 'other-region'],
    ['another user', (text) => text.replace('vault_unsealer', 'vault_sealer'), 'other-user'],
    ['a second user', (text) => `${text}&DBUser=vault_sealer`, 'malformed'],
    ['another host', (text) => text.replace('localhost', 'localhast'), 'other-endpoint'],
    ['another action', (text) => text.replace('Action=connect', 'Action=drop'), 'malformed'],
    ['another signature', (text) => text.replace(/(X-Amz-Signature=)./, changedDigit), 'tampered'],
    ['no signature', (text) => text.replace(/&X-Amz-Signature=[^&]*/, ''), 'malformed'],
    ['a shorter signature', (text) => text.replace(/(Signature=)../, '$1'), 'tampered'],
    ['another session token', (text) => text.replace(/(Token=)./, '$1-'), 'unknown-key'],
    ['other signed headers', (text) => text.replace('SignedHeaders=host', 'SignedHeaders=date'), 'malformed'],
    ['another algorithm', (text) => text.replace('HMAC-SHA256', 'HMAC-SHA1'), 'malformed'],
    ['a parameter more', (text) => `${text}&X-Amz-Other=1`, 'malformed'],
    ['a path', (text) => text.replace('/?', '/other?'), 'malformed'],
    ['a scheme', (text) => `https://${text}`, 'malformed'],
    ['a line break', (text) => text.replace('&', '&\n'), 'malformed'],
  ])('with %s is refused', (_what, change, reason) => {
    const changed = change(token);

    expect(changed).not.toBe(token);
    expect(verify(changed)).toEqual(refusal(reason));
  });

  test.each([
    ['nothing', ''],
    ['a password', 'correct horse battery staple'],
    ['half of one', 'localhost:5433/?Action=connect'],
    ['a very long one', `localhost:5433/?Action=${'x'.repeat(10_000)}`],
  ])('that is %s is malformed', (_what, text) => {
    expect(verify(text)).toEqual(refusal('malformed'));
  });
});
