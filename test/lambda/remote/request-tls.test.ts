import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServerAuthority } from '../../../local/emulator/server-authority';

const SCRIPT = join(__dirname, 'support', 'send-once.ts');

describe('a request of a process with its own environment', () => {
  let server: Server;
  let url: string;
  let dir: string;
  let caFile: string;
  beforeAll(async () => {
    const authority = await createServerAuthority('test');
    const { certificate, key } = await authority.issue(['127.0.0.1']);
    server = createServer({ cert: certificate, key }, (_request, response) => response.writeHead(204).end());
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    dir = mkdtempSync(join(tmpdir(), 'request-tls-'));
    caFile = join(dir, 'ca.pem');
    writeFileSync(caFile, authority.ca);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true });
  });

  /** Returns the status, or the code of Node's error. */
  async function send(viaProxy: boolean, env: NodeJS.ProcessEnv): Promise<string> {
    const args = ['--import', 'tsx', SCRIPT, url, String(viaProxy)];
    const { PATH, TMPDIR } = process.env;
    const child = spawn(process.execPath, args, { env: { PATH, TMPDIR, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
    return text(child.stdout);
  }

  test.each([true, false])(
    'verifies the certificate although NODE_TLS_REJECT_UNAUTHORIZED is 0, through a proxy: %s',
    async (viaProxy) => {
      expect(await send(viaProxy, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      expect(await send(viaProxy, { NODE_EXTRA_CA_CERTS: caFile })).toBe('204');
    },
  );

  test("goes past the proxy for AWS's own services only", async () => {
    const env = { NODE_EXTRA_CA_CERTS: caFile, HTTPS_PROXY: 'http://127.0.0.1:9' };

    expect(await send(false, env)).toBe('204');
    expect(await send(true, env)).not.toBe('204');
  });
});
