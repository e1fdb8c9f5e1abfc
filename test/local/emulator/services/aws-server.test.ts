import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CreateKeyCommand, DescribeKeyCommand, GenerateDataKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import type { Fault } from '../../../../local/emulator/services';
import { KmsFixture, interceptor } from './kms/support';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00';
const HEADERS = { 'x-amz-target': 'TrentService.ListKeys', authorization: AUTHORIZATION };

describe('the local AWS endpoint', () => {
  let fixture = new KmsFixture();

  beforeEach(async () => {
    fixture = await new KmsFixture().start();
  });
  afterEach(() => fixture.remove());

  const post = async (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer> = '{}', path = '/') => {
    const response = await fetch(fixture.url + path, { method: 'POST', headers, body });
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as { __type?: string; message?: string },
    };
  };
  const list = () => fixture.client.send(new ListKeysCommand({}));

  test('listens only on loopback', () => {
    expect(new URL(fixture.url).hostname).toBe('127.0.0.1');
  });

  test('responds in the AWS JSON protocol, with a request id', async () => {
    const { status, headers, json } = await post(HEADERS);

    expect({ status, json }).toEqual({ status: 200, json: { Keys: [], Truncated: false } });
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each<[string, Record<string, string>, string, number, string]>([
    [
      'an unknown operation',
      { ...HEADERS, 'x-amz-target': 'TrentService.Sign' },
      '{}',
      400,
      'UnknownOperationException',
    ],
    [
      'an inherited name',
      { ...HEADERS, 'x-amz-target': 'TrentService.toString' },
      '{}',
      400,
      'UnknownOperationException',
    ],
    ['another service', { ...HEADERS, 'x-amz-target': 'DynamoDB.ListTables' }, '{}', 404, 'UnknownOperationException'],
    ['no target', { authorization: AUTHORIZATION }, '{}', 404, 'UnknownOperationException'],
    ['no signature', { 'x-amz-target': 'TrentService.ListKeys' }, '{}', 400, 'MissingAuthenticationTokenException'],
    ['what is not JSON', HEADERS, '{"Limit":', 400, 'SerializationException'],
    ['what is not an object', HEADERS, '[]', 400, 'SerializationException'],
    ['a member that it does not know', HEADERS, '{"Limit":1,"Other":2}', 400, 'ValidationException'],
  ])('refuses %s', async (_what, headers, body, status, type) => {
    const response = await post(headers, body);

    expect({ status: response.status, type: response.json.__type }).toEqual({ status, type });
    expect(typeof response.json.message).toBe('string');
  });

  test('never quotes a value that it refuses', async () => {
    const target = { ...HEADERS, 'x-amz-target': 'TrentService.Encrypt' };

    const { json } = await post(target, JSON.stringify({ KeyId: 'k', Plaintext: 'no base64, but secret' }));

    expect(json.__type).toBe('ValidationException');
    expect(json.message).toContain("'Plaintext'");
    expect(json.message).not.toContain('secret');
  });

  test('refuses a body over its limit, with and without a content length', async () => {
    const body = new Uint8Array(262_145).fill(0x20);

    const declared = await post(HEADERS, body);
    const untold = await new Promise((resolve, reject) => {
      const sent = httpRequest(fixture.url, { method: 'POST', headers: HEADERS }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.write(body);
      sent.end();
    });

    expect(declared.status).toBe(413);
    expect(untold).toBe(413);
  });

  test('offers every request to its services in their order', async () => {
    const seen: (string | undefined)[] = [];
    const take = (url: string | undefined): boolean => seen.push(url) > 0 && url !== '/';
    const first = interceptor(({ url }) => take(url), { body: 'taken' });
    await using shared = await new KmsFixture().start(first);

    const taken = await fetch(`${shared.url}/2015-03-31/functions/seal/invocations`, { method: 'POST' });
    await shared.client.send(new ListKeysCommand({}));

    expect(await taken.text()).toBe('taken');
    expect(seen).toEqual(['/2015-03-31/functions/seal/invocations', '/']);
  });

  test.each<[string, Fault['error'], string]>([
    ['throttles', 'throttle', 'Rate exceeded'],
    ['fails', '500', 'injected fault'],
    ['drops the connection', 'drop', 'socket hang up'],
  ])('%s for as many calls as the fault says', async (_what, error, message) => {
    fixture.kms.faults.set({ operation: 'ListKeys', error, times: 2 });

    await expect(list()).rejects.toThrow(message);
    await fixture.createKey();
    await expect(list()).rejects.toThrow(message);
    expect((await list()).Keys).toHaveLength(1);
  });

  test('a fault without an operation affects all operations without their own, until it is cleared', async () => {
    fixture.kms.faults.set({ error: 'throttle' });
    fixture.kms.faults.set({ operation: 'ListKeys', error: '500' });

    await expect(list()).rejects.toThrowWithCode('KMSInternalException');
    await expect(fixture.createKey()).rejects.toThrowWithCode('ThrottlingException');
    fixture.kms.faults.clear();
    expect((await list()).Keys).toEqual([]);
  });

  test('delays a response', async () => {
    fixture.kms.faults.set({ latencyMs: 300 });

    const first = await Promise.race([list(), Promise.resolve('held back')]);
    const asked = fixture.client.send(new ListKeysCommand({}), { abortSignal: AbortSignal.timeout(50) });

    expect(first).toBe('held back');
    await expect(asked).rejects.toThrowWithCode('AbortError');
  });

  test('records every call without its plaintext', async () => {
    const EncryptionContext = { environment: 'dev' };
    const { KeyMetadata } = await fixture.client.send(new CreateKeyCommand({}));
    const id = KeyMetadata?.KeyId ?? '';
    const made = await fixture.client.send(
      new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', EncryptionContext }),
    );
    await expect(fixture.client.send(new DescribeKeyCommand({ KeyId: 'none' }))).rejects.toThrow();
    fixture.kms.faults.set({ error: 'drop', times: 1 });
    await expect(list()).rejects.toThrow();

    const { calls } = fixture.kms;

    const accessKeyId = 'AKIDEXAMPLE';
    expect(calls.map((call) => ({ ...call, at: undefined }))).toEqual([
      { operation: 'CreateKey', accessKeyId, result: 'ok' },
      {
        operation: 'GenerateDataKey',
        keyId: KeyMetadata?.Arn,
        encryptionContext: EncryptionContext,
        accessKeyId,
        result: 'ok',
      },
      { operation: 'DescribeKey', keyId: 'none', accessKeyId, result: 'NotFoundException' },
      { operation: 'ListKeys', accessKeyId, result: 'dropped' },
    ]);
    expect(calls.every(({ at }) => at instanceof Date)).toBe(true);
    expect(JSON.stringify(calls)).not.toContain(Buffer.from(made.Plaintext ?? []).toString('base64'));
  });

  test('frees its port when it is closed, calls under way included', async () => {
    fixture.kms.faults.set({ latencyMs: 60_000 });
    const underWay = list();
    const lost = expect(underWay).rejects.toThrow();
    const { url } = fixture;
    await fixture.stop();

    await lost;
    await expect(fetch(url)).rejects.toThrow();
  });
});
