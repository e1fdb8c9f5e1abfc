import { randomBytes } from 'node:crypto';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DecryptCommand, type DecryptCommandOutput } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { BlankPlaintextHandler, type PlaintextOptions, sendForPlaintext } from '../../../lambda/keys/blank-plaintext';
import { createAwsKmsRsaKey } from '../../../lambda/keys/aws-kms-rsa';
import { createKmsClient } from '../../../lambda/keys/kms-client';

const ARN = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const SECRET = randomBytes(32);
const RESPONSE = JSON.stringify({
  KeyId: ARN,
  Plaintext: SECRET.toString('base64'),
  EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
});

type Response = Awaited<ReturnType<NodeHttpHandler['handle']>>;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Returns a client of a server that gives every call this response. */
async function clientOf(respond: (response: ServerResponse) => unknown) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => void respond(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createKmsClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' },
  });
  closers.push(
    () => client.destroy(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return client;
}

async function decrypt(respond: (response: ServerResponse) => unknown, signal = AbortSignal.timeout(10_000)) {
  const client = await clientOf(respond);
  const command = new DecryptCommand({ KeyId: ARN, CiphertextBlob: Buffer.from('x') });
  const send = (options: PlaintextOptions) => client.send(command, options);
  return sendForPlaintext(ARN, signal, send, (plaintext, answered) => ({ plaintext, answered }));
}

describe('a plaintext that never becomes a string', () => {
  test('comes as bytes, and the SDK sees an empty one', async () => {
    const { plaintext, answered } = await decrypt((response) => response.end(RESPONSE));

    expect(plaintext).toEqual(SECRET);
    expect(answered.Plaintext).toHaveLength(0);
    expect(answered).toMatchObject({ KeyId: ARN, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  });

  test('is missed in a response that has none', async () => {
    const answered = decrypt((response) => response.end(JSON.stringify({ KeyId: ARN })));

    await expect(answered).rejects.toThrow('expected a plaintext from kms, got none');
    await expect(answered).rejects.toThrowWithCode('KeyUnreachable');
  });

  test('comes whole when it arrives byte by byte', async () => {
    const { plaintext } = await decrypt(async (response) => {
      for (const byte of Buffer.from(RESPONSE)) {
        response.write(Buffer.from([byte]));
        await sleep(0);
      }
      response.end();
    });

    expect(plaintext).toEqual(SECRET);
  });

  test('does not change how the SDK reads errors', async () => {
    const error = JSON.stringify({ __type: 'DisabledException', message: 'about "Plaintext":"AAAA"' });

    const asked = decrypt((response) => response.writeHead(400).end(error));

    await expect(asked).rejects.toMatchObject({ name: 'DisabledException', message: 'about "Plaintext":"AAAA"' });
  });

  test('of a retried call is that of the attempt that succeeded', async () => {
    const responses = [
      (response: ServerResponse) => response.writeHead(500).end(RESPONSE.replace(SECRET.toString('base64'), 'AAAA')),
      (response: ServerResponse) => response.end(RESPONSE),
    ];

    const { plaintext } = await decrypt((response) => responses.shift()?.(response));

    expect(plaintext).toEqual(SECRET);
  });

  test.each<[string, (response: ServerResponse) => unknown, string, number?]>([
    ['breaks off', (response) => response.write(RESPONSE.slice(0, 60), () => response.destroy()), 'KeyUnreachable'],
    ['is endless', (response) => response.end(RESPONSE + ' '.repeat(70_000)), 'KeyUnreachable'],
    ['is no JSON', (response) => response.end(`${RESPONSE}}`), 'KeyUnreachable'],
    ['is empty', (response) => response.end(), 'KeyUnavailable'],
    ['stops half way', (response) => response.write(RESPONSE.slice(0, 60)), 'KeyTimeout', 300],
  ])('of a response that %s is an error under its own code', async (_what, respond, code, ms = 20_000) => {
    const key = createAwsKmsRsaKey({ keyArn: ARN, client: await clientOf(respond) });

    await expect(key.open(Buffer.alloc(256), AbortSignal.timeout(ms))).rejects.toThrowWithCode(code);
  });

  test.each<[string, Partial<DecryptCommandOutput>, () => void]>([
    ['the response is of another key', { KeyId: `${ARN}0` }, () => undefined],
    [
      'whoever uses it fails',
      { KeyId: ARN },
      () => {
        throw new Error('failed');
      },
    ],
  ])('is wiped if %s', async (_what, response, use) => {
    const plaintext = Buffer.from(SECRET);
    const send = async (options: PlaintextOptions) => {
      Object.assign(options.slot ?? {}, { plaintext });
      return response;
    };

    await expect(sendForPlaintext(ARN, AbortSignal.timeout(1_000), send, use)).rejects.toThrow();

    expect(plaintext).toEqual(Buffer.alloc(32));
  });
});

describe('the client wipes', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Handles a response that arrives in these chunks. */
  async function handle(
    body: Iterable<Buffer> | Readable,
    options: PlaintextOptions = {},
    take?: ConstructorParameters<typeof BlankPlaintextHandler>[0],
  ) {
    const stream = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
    const response = { response: { statusCode: 200, headers: {}, body: stream } } as unknown as Response;
    jest.spyOn(NodeHttpHandler.prototype, 'handle').mockResolvedValue(response);
    return new BlankPlaintextHandler(take).handle({ headers: {} } as never, options);
  }

  const chunksOf = (text: string) => [Buffer.from(text.slice(0, 90)), Buffer.from(text.slice(90))];
  const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

  test('the buffers of a response', async () => {
    const chunks = chunksOf(RESPONSE);

    await handle(chunks);

    expect(chunks.map(isBlank)).toEqual([true, true]);
  });

  test('the received part of a response that breaks off', async () => {
    const chunks = chunksOf(RESPONSE);
    const breakingOff = function* () {
      yield* chunks;
      throw new Error('broken off');
    };

    await expect(handle(breakingOff())).rejects.toThrow('broken off');

    expect(chunks.map(isBlank)).toEqual([true, true]);
  });

  test('the received part of a response that stalls', async () => {
    const chunks = chunksOf(RESPONSE);
    const stalling = new PassThrough();
    chunks.forEach((chunk) => stalling.write(chunk));

    await expect(handle(stalling, { abortSignal: deadlineIn(300).signal })).rejects.toThrow();

    expect(chunks.map(isBlank)).toEqual([true, true]);
    expect(stalling.destroyed).toBe(true);
  });

  test('each part of a response that arrived before it was read', async () => {
    const chunks = chunksOf(RESPONSE);
    const waiting = new PassThrough();
    chunks.forEach((chunk) => waiting.write(chunk));
    waiting.end();

    await handle(waiting);

    expect(chunks.map(isBlank)).toEqual([true, true]);
  });

  test('the plaintext of an earlier attempt', async () => {
    const earlier = Buffer.from(SECRET);
    const slot = { plaintext: earlier };

    await handle(chunksOf(RESPONSE), { slot });

    expect(isBlank(earlier)).toBe(true);
    expect(slot.plaintext).toEqual(SECRET);
  });

  test('a plaintext in a response that should have none', async () => {
    const unexpected = Buffer.from(SECRET);

    await handle(chunksOf(RESPONSE), {}, () => unexpected);

    expect(isBlank(unexpected)).toBe(true);
  });
});
