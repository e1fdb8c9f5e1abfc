import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { TlsFaults } from '../../../../local/emulator/elsewhere/tls';
import { AzureServer } from '../../../local/emulator/elsewhere/azure/support';

const CONTEXT = new Map([['environment', 'dev']]);
const LOGIN = 'login.microsoftonline.com';
const VAULT = 'sharevault-dev.vault.azure.net';

/** Wraps a data key over connections with these faults. */
async function wrapOver(faults: TlsFaults): Promise<unknown> {
  const server = await new AzureServer().start(faults);
  try {
    // the runtime of each test has connections of its own
    const { startAzureKeys } = await import('./azure-support');
    const { key } = await startAzureKeys(server, 'azure-managed-hsm');
    return await key.wrapNewDataKey(CONTEXT, AbortSignal.timeout(5_000));
  } finally {
    await server.close();
  }
}

describe('a connection to Azure', () => {
  beforeEach(() => {
    jest.resetModules();
  });

  test('works with the certificate of the host', async () => {
    await expect(wrapOver({})).resolves.toMatchObject({ wrapped: [{ providerId: 'azure-managed-hsm' }] });
  });

  test.each<[string, TlsFaults, string]>([
    [
      "the login service with a vault's certificate",
      { certificateOf: (host) => (host === LOGIN ? VAULT : host) },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    [
      "a managed HSM with the login service's certificate",
      { certificateOf: () => LOGIN },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    [
      'a managed HSM with the certificate of a key vault of the same name',
      { certificateOf: (host) => host.replace('managedhsm', 'vault') },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['a service that speaks only TLS 1.1', { onlyVersion: 'TLSv1.1' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
  ])('refuses %s', async (_what, faults, code) => {
    await expect(wrapOver(faults)).rejects.toMatchObject({
      name: 'KeyUnreachable',
      message: expect.stringMatching(`^no connection to azure( login)?: ${code}$`),
    });
  });
});
