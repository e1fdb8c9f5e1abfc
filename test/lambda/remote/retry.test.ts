import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { sendRemote } from '../../../lambda/remote/retry';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A service on loopback; returns what sends a request to it, and the requests that it got. */
async function startService(respond: RequestListener) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.method ?? '');
    respond(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const send = (ms = 10_000, body?: Buffer) =>
    sendRemote({ service: 'test', method: 'POST', url, body, maxBytes: 1_000 }, deadlineIn(ms).signal);
  return { send, seen };
}

/** Responds with each status in turn, the last one for ever. */
function inTurn(...statuses: readonly number[]): RequestListener {
  const left = [...statuses];
  return (_request, response) => response.writeHead((left.length > 1 ? left.shift() : left[0]) ?? 500).end('body');
}

describe('a request to a service outside AWS', () => {
  test.each([429, 500, 503, 412, 472, 473])('is sent again after status %i', async (status) => {
    const { send, seen } = await startService(inTurn(status, 200));

    expect((await send()).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 409])('is sent once if its response has status %i', async (status) => {
    const { send, seen } = await startService(inTurn(status));

    expect((await send()).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  test('is sent three times to a service that fails, and returns its last response', async () => {
    const { send, seen } = await startService(inTurn(503));

    expect((await send()).status).toBe(503);
    expect(seen).toHaveLength(3);
  });

  test('waits for as long as Retry-After says', async () => {
    const times: number[] = [];
    const { send } = await startService((_request, response) => {
      times.push(Date.now());
      response.writeHead(times.length > 1 ? 200 : 429, { 'retry-after': '1' }).end();
    });

    expect((await send()).status).toBe(200);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test.each([
    [429, 'KeyThrottled'],
    [503, 'KeyUnreachable'],
  ] as const)('fails at once if Retry-After of status %i is beyond the time left', async (status, code) => {
    const { send, seen } = await startService((_request, response) =>
      response.writeHead(status, { 'retry-after': '60' }).end(),
    );

    await expect(send()).rejects.toThrowWithCode(code);
    expect(seen).toHaveLength(1);
  });

  test.each([
    '-5',
    '0',
    'soon',
    '1.5',
    'soon 2099',
    '+60',
    '60, 60',
    '2099-01-01',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Foo, 99 Bar 2099 99:99:99 GMT',
  ])('waits as usual if Retry-After is %j', async (value) => {
    const times: number[] = [];
    const { send } = await startService((_request, response) => {
      times.push(performance.now());
      response.writeHead(times.length > 1 ? 200 : 429, { 'retry-after': value }).end();
    });

    expect((await send()).status).toBe(200);
    // half of the backoff is random
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(45);
  });

  test('fails at once if the date of Retry-After is beyond the time left', async () => {
    const { send, seen } = await startService((_request, response) =>
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end(),
    );

    await expect(send()).rejects.toThrowWithCode('KeyThrottled');
    expect(seen).toHaveLength(1);
  });

  test('waits until the date of Retry-After', async () => {
    const times: number[] = [];
    const { send } = await startService((_request, response) => {
      times.push(Date.now());
      const at = new Date(Date.now() + 2_000).toUTCString();
      response.writeHead(times.length > 1 ? 200 : 503, { 'retry-after': at }).end();
    });

    expect((await send()).status).toBe(200);
    // a date has whole seconds
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test.each([301, 302, 307, 308])('does not follow a redirect of status %i', async (status) => {
    const { send, seen } = await startService((_request, response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(),
    );

    await expect(send()).rejects.toThrowWithCode('KeyUnreachable');
    expect(seen).toHaveLength(1);
  });

  test('refuses a response that is longer than its limit, without another attempt', async () => {
    const { send, seen } = await startService((_request, response) => response.end(Buffer.alloc(100_000)));

    await expect(send()).rejects.toThrowWithCode('KeyUnreachable');
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['headers', () => undefined],
    ['body', (_request, response) => response.writeHead(200).write('begun')],
  ] as [string, RequestListener][])('ends when the time is up while its %s stall', async (_what, respond) => {
    const { send } = await startService(respond);

    await expect(send(300)).rejects.toThrowWithCode('KeyTimeout');
  });

  test('is sent again if a body breaks off', async () => {
    const { send, seen } = await startService((_request, response) => {
      if (seen.length > 1) response.end('whole');
      else response.writeHead(200, { 'content-length': '10' }).write('part', () => response.destroy());
    });

    expect((await send()).body.toString()).toBe('whole');
  });

  test('leaves its body to the caller unchanged', async () => {
    const body = Buffer.from('key');
    const { send } = await startService(inTurn(500, 200));

    await send(10_000, body);

    expect(body.toString()).toBe('key');
  });
});
