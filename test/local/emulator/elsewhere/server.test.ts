import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { type Elsewhere, type ElsewhereOptions, startElsewhere } from '../../../../local/emulator/elsewhere/server';
import type { StandIn, StandInRequest, StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';
import { openTls, openTunnel, requestOver } from '../../../support/elsewhere';

const standIn = (
  address: string,
  respond: (request: StandInRequest) => StandInResponse | undefined = ({ method, url }) => ({
    status: 200,
    body: `${address} ${method} ${url.pathname}`,
  }),
): StandIn => ({
  name: address,
  serves: (host, port) => address === `${host}:${port}`,
  respond: (request) => Promise.resolve(respond(request)),
});
const KMS = 'keys.cloud.example';
const VAULT = 'vault.example:8200';
const NUMERIC = '10.20.30.40:443';

let elsewhere: Elsewhere | undefined;
afterEach(() => elsewhere?.close());

async function start(options: Partial<ElsewhereOptions> = {}): Promise<Elsewhere> {
  elsewhere = await startElsewhere({ standIns: [standIn(`${KMS}:443`), standIn(VAULT), standIn(NUMERIC)], ...options });
  return elsewhere;
}
const caOf = ({ caFile }: Elsewhere): string => readFileSync(caFile, 'utf8');

test('a request by the proxy reaches the stand-in of its host and port over TLS 1.3', async () => {
  const running = await start();

  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) });
  const vault = await openTls(running.proxyUrl, VAULT, { ca: caOf(running) });

  expect(socket.getProtocol()).toBe('TLSv1.3');
  expect(await requestOver(socket, { host: KMS, path: '/v1/a' })).toEqual({
    status: 200,
    body: `${KMS}:443 GET /v1/a`,
  });
  expect(await requestOver(vault, { host: 'vault.example', port: 8200, path: '/v1/b' })).toEqual({
    status: 200,
    body: `${VAULT} GET /v1/b`,
  });
});

test('a stand-in with an address instead of a name has a certificate for the address', async () => {
  const running = await start();
  const ca = caOf(running);

  const socket = await openTls(running.proxyUrl, NUMERIC, { ca, host: '10.20.30.40', servername: '' });

  expect(await requestOver(socket, { host: '10.20.30.40', path: '/' })).toEqual({
    status: 200,
    body: `${NUMERIC} GET /`,
  });
});

test('TLS 1.2 is accepted, and a handshake with TLS 1.1 is refused', async () => {
  const running = await start();
  const ca = caOf(running);
  const old = { ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca, maxVersion: 'TLSv1.2' });

  expect(socket.getProtocol()).toBe('TLSv1.2');
  await expect(openTls(running.proxyUrl, `${KMS}:443`, old)).rejects.toThrow(/protocol version/);
});

test("a client of one stand-in refuses another stand-in's certificate", async () => {
  const running = await start({ faults: { certificateOf: () => 'vault.example' } });

  await expect(openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) })).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('a client without the authority of this start refuses the certificate', async () => {
  const running = await start();
  const other = await startElsewhere({ standIns: [] });
  const ca = caOf(other);
  await other.close();

  await expect(openTls(running.proxyUrl, `${KMS}:443`, { ca })).rejects.toMatchObject({
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
});

test('a server that speaks only TLS 1.1 is refused by a client with default settings', async () => {
  const running = await start({ faults: { onlyVersion: 'TLSv1.1' } });
  const ca = caOf(running);
  const old = { minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca, ...old });

  expect(socket.getProtocol()).toBe('TLSv1.1');
  await expect(openTls(running.proxyUrl, `${KMS}:443`, { ca })).rejects.toThrow(/protocol version/);
});

test('a handshake for an unknown name is cut, even if the tunnel is for a stand-in', async () => {
  const running = await start();

  const handshake = openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running), servername: 'other.example' });

  await expect(handshake).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test.each([
  ['another stand-in', 'vault.example', 8200],
  ['an unknown host', 'other.example', 443],
])("a request for %s over a stand-in's connection gets 421", async (_title, host, port) => {
  const running = await start();
  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) });

  expect(await requestOver(socket, { host, port })).toEqual({ status: 421, body: '' });
});

test.each(['other.example:443', 'vault.example:443', `${KMS}:8200`, '127.0.0.1:5432', '%20:443'])(
  'the proxy refuses a tunnel to %s with 403 and reports it',
  async (address) => {
    const refused: string[] = [];
    const running = await start();
    const proxyUrl = await running.openProxy({ onRefused: (host, reason) => void refused.push(`${host}: ${reason}`) });

    await expect(openTunnel(proxyUrl, address)).rejects.toThrow("the proxy's status is 403");

    const named = address.startsWith('%') ? 'an unreadable address' : address;
    expect(refused).toEqual([`${named}: expected a host with a stand-in, got another`]);
  },
);

test('a proxy for callers with an obstacle refuses a known host, and the other proxy passes it', async () => {
  const refused: string[] = [];
  const running = await start();
  const proxyUrl = await running.openProxy({
    obstacle: ({ host }) => (host === 'vault.example' ? undefined : 'no route'),
    onRefused: (host, reason) => void refused.push(`${host}: ${reason}`),
  });

  await expect(openTunnel(proxyUrl, `${KMS}:443`)).rejects.toThrow("the proxy's status is 403");

  expect(refused).toEqual([`${KMS}:443: no route`]);
  (await openTunnel(proxyUrl, VAULT)).destroy();
  (await openTunnel(running.proxyUrl, `${KMS}:443`)).destroy();
});

test('the proxy refuses a request without a tunnel with 405', async () => {
  const { proxyUrl } = await start();

  const response = await fetch(proxyUrl, { method: 'POST', body: 'secret' });

  expect(response.status).toBe(405);
});

test('a hundred connections at once are all served', async () => {
  const running = await start();
  const ca = caOf(running);

  const bodies = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca });
      const { body } = await requestOver(socket, { host: KMS, path: `/${index}` });
      return body;
    }),
  );

  expect(bodies).toEqual(Array.from({ length: 100 }, (_, index) => `${KMS}:443 GET /${index}`));
});

test('close cuts open connections, frees the ports and removes the authority', async () => {
  const running = await start();
  const further = await running.openProxy({});
  const silent = await openTunnel(further, `${KMS}:443`);
  const secure = await openTls(running.proxyUrl, VAULT, { ca: caOf(running) });
  const closed = [silent, secure].map((socket) => once(socket, 'close'));
  for (const socket of [silent, secure]) socket.on('error', () => undefined).resume();

  await running.close();

  await Promise.all(closed);
  expect(existsSync(running.caFile)).toBe(false);
  for (const url of [running.proxyUrl, further]) {
    const probe = connect(Number(new URL(url).port), '127.0.0.1');
    await expect(once(probe, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});

test('a stand-in gets the whole request, and its object is sent as JSON', async () => {
  const received: StandInRequest[] = [];
  const echo = standIn(`${KMS}:443`, (request) => {
    received.push({ ...request, body: Buffer.from(request.body) });
    return { status: 201, headers: { 'x-made': 'yes' }, body: { made: true } };
  });
  const running = await start({ standIns: [echo] });
  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) });

  const response = await requestOver(socket, { host: KMS, path: '/v1/a?b=c', method: 'POST' }, 'a body');

  expect(response).toEqual({ status: 201, body: '{"made":true}' });
  expect(received.map(({ method, url, body }) => `${method} ${url.href} ${body.toString()}`)).toEqual([
    `POST https://${KMS}/v1/a?b=c a body`,
  ]);
});

test('a request body over 1 MiB gets 413 and does not reach the stand-in', async () => {
  const unreached = standIn(`${KMS}:443`, () => {
    throw new Error('expected no request, got one');
  });
  const running = await start({ standIns: [unreached] });
  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) });

  const response = await requestOver(socket, { host: KMS, method: 'POST' }, Buffer.alloc(1_048_577));

  expect(response).toEqual({ status: 413, body: '' });
});

test('the body of a response can be a stream', async () => {
  const streamed = standIn(`${KMS}:443`, () => ({ status: 200, body: Readable.from(['first ', 'second']) }));
  const running = await start({ standIns: [streamed] });
  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) });

  expect(await requestOver(socket, { host: KMS })).toEqual({ status: 200, body: 'first second' });
});

test.each([
  ['returns no response', () => undefined],
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
])('a stand-in that %s cuts the connection', async (_title, respond) => {
  const running = await start({ standIns: [standIn(`${KMS}:443`, respond)] });
  const socket = await openTls(running.proxyUrl, `${KMS}:443`, { ca: caOf(running) });

  await expect(requestOver(socket, { host: KMS })).rejects.toMatchObject({ code: 'ECONNRESET' });
});
