import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { secretVersions } from '../../../lambda/webhook/secret-versions';
import { createAwsKmsRsaKey } from '../../../lambda/keys/aws-kms-rsa';
import { createKmsClient } from '../../../lambda/keys/kms-client';
import { createSecretsClient } from '../../../lambda/keys/secrets-client';
import { createSecretRsaKey } from '../../../lambda/keys/secret-rsa';
import { secretPassword } from '../../../lambda/store/secret-password';
import { useEndpoint } from '../../support/use-endpoint';

/** A webhook has 3 s for its whole delivery. */
const BUDGET_MS = 2_000;
const KEY_ARN = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:one-AbCdEf';
const LOGIN = JSON.stringify({ username: 'vault_master', password: 'the password' });
/** A body for all clients: each reads its own members. */
const BODY = JSON.stringify({ KeyId: KEY_ARN, Plaintext: 'AAAA', SecretString: LOGIN, CreatedDate: 1_700_000_000 });

type Respond = (response: ServerResponse) => unknown;
const whole: Respond = (response) => response.end(BODY);
const stallAfter =
  (bytes: number): Respond =>
  (response) =>
    response.writeHead(200, { 'content-length': BODY.length }).write(BODY.slice(0, bytes));
const drip: Respond = (response) => {
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};
const STALLS: readonly (readonly [string, Respond])[] = [
  ['before its headers', () => undefined],
  ['before its body', (response) => response.writeHead(200, { 'content-length': BODY.length }).flushHeaders()],
  ['in the middle of its body', stallAfter(60)],
  ['before its last byte', stallAfter(BODY.length - 1)],
  ['for ever, byte by byte', drip],
];

const environment = { ...process.env };
let responses: Respond[];
/** the connection of each request */
let sockets: Socket[];
/** when each request was signed, in milliseconds since 1970 */
let signedAt: number[];
let close: () => unknown;
let endpoint: string;
beforeEach(async () => {
  responses = [];
  sockets = [];
  signedAt = [];
  const server = createServer((request, response) => {
    sockets.push(request.socket);
    const [, date = '', time = ''] = /^(.{8})T(.{6})Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
    signedAt.push(Date.parse(`${date.replace(/(..)(..)$/, '-$1-$2')}T${time.match(/../g)?.join(':')}Z`));
    request.resume().on('end', () => (responses.shift() ?? whole)(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  useEndpoint({ url: endpoint, region: 'us-east-1' });
  close = () => (server.closeAllConnections(), server.close());
});
afterEach(() => {
  process.env = { ...environment };
  close();
});

const openInKms = () =>
  createAwsKmsRsaKey({ keyArn: KEY_ARN, client: createKmsClient() }).open(
    Buffer.alloc(256),
    deadlineIn(BUDGET_MS).signal,
  );
const isClosed = (socket: Socket | undefined) =>
  new Promise<boolean>((resolve) => (socket?.destroyed ? resolve(true) : socket?.once('close', () => resolve(true))));

describe('an attempt at a call of KMS', () => {
  test.each(STALLS)('whose response stalls %s is made again on another connection', async (_where, stall) => {
    responses = [stall];

    const plaintext = await openInKms();

    expect(plaintext).toEqual(Buffer.alloc(3));
    expect(new Set(sockets).size).toBe(2);
    expect(await isClosed(sockets[0])).toBe(true);
  });

  test('on a connection that died silently since the last call is made again on another', async () => {
    const key = createAwsKmsRsaKey({ keyArn: KEY_ARN, client: createKmsClient() });
    responses = [whole, () => undefined];
    await key.open(Buffer.alloc(256), deadlineIn(BUDGET_MS).signal);

    await key.open(Buffer.alloc(256), deadlineIn(BUDGET_MS).signal);

    expect(sockets).toHaveLength(3);
    expect(sockets[1]).toBe(sockets[0]);
    expect(sockets[2]).not.toBe(sockets[0]);
  });

  test('is not made a fourth time, and the call fails before its time is up', async () => {
    responses = [stallAfter(60), stallAfter(60), stallAfter(60)];
    const deadline = deadlineIn(BUDGET_MS);
    const key = createAwsKmsRsaKey({ keyArn: KEY_ARN, client: createKmsClient() });

    const opened = key.open(Buffer.alloc(256), deadline.signal);

    await expect(opened).rejects.toThrowWithCode('KeyTimeout');
    expect(deadline.signal.aborted).toBe(false);
    expect(sockets).toHaveLength(3);
    expect(await Promise.all(sockets.map(isClosed))).toEqual([true, true, true]);
  });

  test('ends with the call that it belongs to', async () => {
    const stopped = new AbortController();
    responses = [(response) => response.write(BODY.slice(0, 60), () => stopped.abort())];
    const key = createAwsKmsRsaKey({ keyArn: KEY_ARN, client: createKmsClient() });

    const opened = key.open(Buffer.alloc(256), stopped.signal);

    await expect(opened).rejects.toThrowWithCode('KeyTimeout');
    expect(sockets).toHaveLength(1);
    expect(await isClosed(sockets[0])).toBe(true);
  });
});

describe('a clock that is off', () => {
  test.each([
    ['20 minutes behind', 20],
    ['20 minutes ahead', -20],
  ])('by %s is corrected by the first response of KMS, and the call is signed again', async (_how, minutes) => {
    const date = new Date(Date.now() + minutes * 60_000).toUTCString();
    const body = JSON.stringify({ __type: 'InvalidSignatureException', message: 'Signature not yet current' });
    responses = [(response) => response.writeHead(400, { date }).end(body)];

    await openInKms();

    const [first = Number.NaN, second = Number.NaN] = signedAt;
    expect(Math.round((second - first) / 60_000)).toBe(minutes);
  });
});

describe('a response of Secrets Manager that stalls', () => {
  test.each<[string, () => Promise<unknown>, unknown]>([
    [
      'before the signing secret has come is asked for again',
      async () => (await secretVersions(SECRET_ARN)(deadlineIn(BUDGET_MS).signal))?.current.length,
      LOGIN.length,
    ],
    [
      "before the database's password has come is asked for again",
      () => secretPassword({ secretArn: SECRET_ARN, user: 'vault_master' })(),
      'the password',
    ],
  ])('%s', async (_what, read, expected) => {
    responses = [stallAfter(60)];

    const found = await read();

    expect(found).toBe(expected);
    expect(await isClosed(sockets[0])).toBe(true);
  });

  test('before the private key is complete is requested again', async () => {
    responses = [stallAfter(60)];
    const key = createSecretRsaKey({ secretArn: SECRET_ARN, client: createSecretsClient() });

    // the second response has a value that is not a key
    await expect(key.open(Buffer.alloc(256), deadlineIn(BUDGET_MS).signal)).rejects.toThrowWithCode('KeyUnavailable');

    expect(sockets).toHaveLength(2);
  });
});

describe("the migration's password reader", () => {
  test("refuses another user's secret", async () => {
    const password = secretPassword({ secretArn: SECRET_ARN, user: 'vault_owner' })();

    await expect(password).rejects.toThrowWithCode('Misconfigured');
  });

  test.each(['no JSON', '{"username":"vault_master"}', '{"password":"x"}', 'null'])(
    'reports the secret %j as missing, without quoting it',
    async (SecretString) => {
      responses = [(response) => response.end(JSON.stringify({ SecretString }))];

      const password = secretPassword({ secretArn: SECRET_ARN, user: 'vault_master' })();

      await expect(password).rejects.toThrow('expected the secret of the database user, got none');
    },
  );
});
