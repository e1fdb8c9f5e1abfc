import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { once } from 'node:events';
import { type Elsewhere, startElsewhere } from '../../../../local/emulator/elsewhere/server';
import { type FaultOrder, SERVICE_FAULTS, ServiceFaults } from '../../../../local/emulator/elsewhere/service-faults';
import type { StandIn, StandInRequest } from '../../../../local/emulator/elsewhere/stand-in';

const RESPONSE = { status: 200, body: { name: 'n', ciphertext: 'AAAA', data: { plaintext: 'BBB', key: 'kept' } } };
const echo: StandIn = { name: 'echo', serves: () => true, respond: () => Promise.resolve(RESPONSE) };
const at = (path: string): StandInRequest => ({
  method: 'POST',
  url: new URL(`https://host.example${path}`),
  headers: {},
  body: Buffer.alloc(0),
});

describe('a fault of a stand-in', () => {
  let faults: ServiceFaults;
  let standIn: StandIn;
  beforeEach(() => {
    faults = new ServiceFaults([echo]);
    standIn = faults.wrap(echo);
  });
  const statusAt = async (path: string): Promise<number | undefined> => (await standIn.respond(at(path)))?.status;

  test.each<[FaultOrder['fault'], number | undefined]>([
    ['throttled', 429],
    ['failing', 503],
    ['denied', 403],
    ['missing', 404],
    ['dropping', undefined],
    ['not-json', 200],
    ['changed', 200],
  ])('%s replaces the response', async (fault, status) => {
    faults.set('echo', { fault });

    const response = await standIn.respond(at('/'));

    expect(response?.status).toBe(status);
    expect(response).not.toEqual(RESPONSE);
  });

  test('hanging gets no response', async () => {
    faults.set('echo', { fault: 'hanging' });

    const first = await Promise.race([standIn.respond(at('/')), new Promise((resolve) => setTimeout(resolve, 20, 'none'))]); // prettier-ignore

    expect(first).toBe('none');
  });

  test('changed changes one character of each ciphertext, plaintext and value, and nothing else', async () => {
    faults.set('echo', { fault: 'changed' });

    const { body } = (await standIn.respond(at('/'))) ?? {};

    const text = Buffer.isBuffer(body) ? body.toString() : '';
    expect(JSON.parse(text)).toEqual({ name: 'n', ciphertext: 'AABA', data: { plaintext: 'BAB', key: 'kept' } });
  });

  test('ends after its number of requests, of which those of other paths are none', async () => {
    faults.set('echo', { fault: 'failing', times: 2, path: 'example/keys' });

    const statuses = [];
    for (const path of ['/keys', '/others', '/keys', '/keys']) statuses.push(await statusAt(path));

    expect(statuses).toEqual([503, 200, 503, 200]);
  });

  test('is removed, and replaced by a later one', async () => {
    faults.set('echo', { fault: 'failing' });
    faults.set('echo', { fault: 'denied' });
    const replaced = await statusAt('/');
    faults.set('echo', undefined);

    expect([replaced, await statusAt('/')]).toEqual([403, 200]);
  });

  test('is refused for a stand-in that does not run', () => {
    expect(() => faults.set('google', { fault: 'failing' })).toThrow(
      'expected a stand-in that runs (echo), got another',
    );
  });
});

describe('the proxy that any program reaches', () => {
  let elsewhere: Elsewhere;
  beforeEach(async () => {
    elsewhere = await startElsewhere({ standIns: [echo] });
  });
  afterEach(() => elsewhere.close());
  const send = async (
    method: string,
    path: string,
    body = '',
    proxy = elsewhere.proxyUrl,
  ): Promise<[number, string]> => {
    const sent = request(`${proxy}${path}`, { method }).end(body);
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    const text = (await Array.fromAsync(response as AsyncIterable<Buffer>)).join('');
    return [response.statusCode ?? 0, text];
  };
  const status = async (): Promise<number | undefined> =>
    (await elsewhere.serviceFaults.wrap(echo).respond(at('/')))?.status;

  test('sets and removes a fault', async () => {
    expect(await send('PUT', '/faults/echo', '{ "fault": "throttled", "times": 9, "path": "/" }')).toEqual([204, '']);
    expect(await status()).toBe(429);
    expect(await send('DELETE', '/faults/echo')).toEqual([204, '']);
    expect(await status()).toBe(200);
  });

  test.each([
    ['a fault of another name', 'PUT', '/faults/echo', '{ "fault": "slow" }', SERVICE_FAULTS.join(', ')],
    ['a further member', 'PUT', '/faults/echo', '{ "fault": "failing", "seconds": 1 }', 'expected { "fault"'],
    ['no number of requests', 'PUT', '/faults/echo', '{ "fault": "failing", "times": 0 }', '1 or more'],
    ['no JSON', 'PUT', '/faults/echo', 'failing', 'expected { "fault"'],
    ['another stand-in', 'PUT', '/faults/google', '{ "fault": "failing" }', 'expected a stand-in that runs (echo)'],
  ])('refuses %s', async (_what, method, path, body, message) => {
    expect(await send(method, path, body)).toEqual([400, expect.stringContaining(message)]);
    expect(await status()).toBe(200);
  });

  test.each([
    ['another path', 'PUT', '/faults/echo/more'],
    ['another method', 'POST', '/faults/echo'],
  ])('refuses %s with 405', async (_what, method, path) => {
    expect(await send(method, path, '{ "fault": "failing" }')).toEqual([405, '']);
    expect(await status()).toBe(200);
  });

  test('cuts a request that is too long', async () => {
    await expect(send('PUT', '/faults/echo', 'x'.repeat(100_000))).rejects.toThrow();
  });

  test('is the only one that sets faults: a function has another proxy', async () => {
    const own = await elsewhere.openProxy({});

    expect(await send('PUT', '/faults/echo', '{ "fault": "failing" }', own)).toEqual([405, '']);
    expect(await status()).toBe(200);
  });
});
