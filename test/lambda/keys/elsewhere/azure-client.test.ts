import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import type { WrappedDataKey } from '../../../../lambda/message';
import { AzureServer, OPENER, TENANT, VAULT } from '../../../local/emulator/elsewhere/azure/support';
import { startAzureKeys } from './azure-support';

const SCRIPT = join(__dirname, '..', '..', '..', 'support', 'azure-client.mjs');
const CONTEXT = new Map([['chain', 'EVM']]);
/** one pair, each part after its length in 2 bytes */
const CANONICAL = Buffer.from('\0\x01\0\x05chain\0\x03EVM', 'latin1');
const soon = () => AbortSignal.timeout(30_000);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

interface Result {
  readonly value?: string;
  readonly iv?: string;
  readonly tag?: string;
  readonly code?: string;
}

describe("Microsoft's own clients, unmodified", () => {
  const server = new AzureServer();
  beforeAll(async () => {
    await server.start();
  });
  afterAll(() => server.close());

  /** Runs operations in a process of its own that trusts the stand-ins' authority. */
  async function perform(...operations: readonly object[]): Promise<readonly Result[]> {
    const { proxyUrl, caFile } = server.elsewhere;
    const env = { PATH: process.env.PATH, HTTPS_PROXY: proxyUrl, NODE_EXTRA_CA_CERTS: caFile };
    const child = spawn(process.execPath, [SCRIPT], { env });
    const input = { tenant: TENANT, client: OPENER, assertion: server.issuer.issue(), operations };
    child.stdin.end(JSON.stringify(input));
    const [results, problems] = await Promise.all([json(child.stdout), text(child.stderr)]);
    expect(problems).toBe('');
    return results as readonly Result[];
  }

  const wrappedBy = async (keys: Awaited<ReturnType<typeof startAzureKeys>>) => {
    const { plaintext, wrapped } = await keys.key.wrapNewDataKey(CONTEXT, soon());
    return { dataKey: plaintext, ciphertext: Buffer.from(wrapped[0]?.ciphertext ?? []) };
  };

  describe('with an RSA key of Key Vault', () => {
    let keys: Awaited<ReturnType<typeof startAzureKeys>>;
    beforeEach(async () => {
      keys = await startAzureKeys(server, 'azure-key-vault');
    });

    test('unwrap the digest of the context and the data key out of what the Key Vault provider wraps', async () => {
      const { dataKey, ciphertext } = await wrappedBy(keys);

      const [opened] = await perform({ operation: 'unwrap', key: keys.id, value: base64(ciphertext) });

      const digest = createHash('sha384').update(CANONICAL).digest();
      expect(opened).toEqual({ value: base64(Buffer.concat([digest, dataKey])) });
    });

    test('wrap a bound data key that the Key Vault provider unwraps', async () => {
      const dataKey = randomBytes(32);
      const bound = Buffer.concat([createHash('sha384').update(CANONICAL).digest(), dataKey]);

      const [sealed] = await perform({ operation: 'wrap', key: keys.id, value: base64(bound) });

      const wrapped: WrappedDataKey = {
        providerId: 'azure-key-vault',
        providerInfo: Buffer.from(keys.id),
        ciphertext: Buffer.from(sealed?.value ?? '', 'base64'),
      };
      expect(await keys.key.unwrapDataKey([wrapped], CONTEXT, soon())).toEqual(dataKey);
    });

    test('get the refusals of Key Vault with their status and code', async () => {
      const operation = { operation: 'unwrap', key: keys.id, value: base64(randomBytes(256)) };

      expect(await perform(operation)).toMatchObject([{ code: 'BadParameter', status: 400 }]);
      server.azure.vault(VAULT).keys.setEnabled(keys.id.split('/').at(-2) ?? '', false);
      expect(await perform(operation)).toMatchObject([{ code: 'Forbidden', status: 403 }]);
    });
  });

  describe('with an AES key of Managed HSM', () => {
    let keys: Awaited<ReturnType<typeof startAzureKeys>>;
    beforeEach(async () => {
      keys = await startAzureKeys(server, 'azure-managed-hsm');
    });
    const aad = base64(CANONICAL);

    test('decrypt what the Managed HSM provider wraps', async () => {
      const { dataKey, ciphertext } = await wrappedBy(keys);
      const [iv, value, tag] = [ciphertext.subarray(0, 12), ciphertext.subarray(12, 44), ciphertext.subarray(44)].map(
        base64,
      );

      const results = await perform({ operation: 'decrypt', key: keys.id, value, iv, tag, aad });

      expect(results).toEqual([{ value: base64(dataKey) }]);
    });

    test('encrypt a data key that the Managed HSM provider unwraps', async () => {
      const dataKey = randomBytes(32);

      const [sealed] = await perform({ operation: 'encrypt', key: keys.id, value: base64(dataKey), aad });

      const parts = [sealed?.iv, sealed?.value, sealed?.tag].map((part) => Buffer.from(part ?? '', 'base64'));
      const wrapped: WrappedDataKey = {
        providerId: 'azure-managed-hsm',
        providerInfo: Buffer.from(keys.id),
        ciphertext: Buffer.concat(parts),
      };
      expect(await keys.key.unwrapDataKey([wrapped], CONTEXT, soon())).toEqual(dataKey);
    });
  });
});
