import { afterEach, expect, test } from '@jest/globals';
import { type BoundPort, bindPort } from '../../../../local/emulator/services';

let port: BoundPort | undefined;
afterEach(() => port?.close());

test('a bound port responds with 503 until a listener is attached, and passes requests to it from then on', async () => {
  port = await bindPort();

  const before = await fetch(port.url, { method: 'POST', body: 'early' });
  port.attach((_request, response) => response.end('served'));
  const after = await fetch(port.url);

  expect(before.status).toBe(503);
  expect(await after.text()).toBe('served');
});

test('a port that is in use is refused by its number', async () => {
  port = await bindPort();
  const { port: taken } = new URL(port.url);

  await expect(bindPort(Number(taken))).rejects.toThrow(`expected a free port, got ${taken}, which is in use`);
});
