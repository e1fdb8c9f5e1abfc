import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createAzureKeyVaultKey } from '../../../../lambda/keys/elsewhere/azure-key-vault';
import { createAzureManagedHsmKey } from '../../../../lambda/keys/elsewhere/azure-managed-hsm';
import type { KeySpec } from '../../../../local/emulator/elsewhere/azure';
import {
  type AzureServer,
  HSM,
  OPENER,
  TENANT,
  VAULT,
  createKey,
} from '../../../local/emulator/elsewhere/azure/support';

export const RSA: KeySpec = { kty: 'RSA', bits: 2048 };
export const AES: KeySpec = { kty: 'oct-HSM' };

/** The private keys of a file's tests: to generate some for each takes long. */
const RSA_KEYS = Array.from({ length: 2 }, () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' }),
);

export const BACKENDS = {
  'azure-key-vault': { host: VAULT, spec: RSA, create: createAzureKeyVaultKey },
  'azure-managed-hsm': { host: HSM, spec: AES, create: createAzureManagedHsmKey },
} as const;
export type Backend = keyof typeof BACKENDS;

/** Two keys of one backend over a fresh Azure behind the file's server. */
export async function startAzureKeys(server: AzureServer, backend: Backend) {
  server.reset();
  const { azure } = server;
  const { host, spec, create } = BACKENDS[backend];
  const login = { tenant: TENANT, client: OPENER };
  const materials = spec === RSA ? RSA_KEYS : RSA_KEYS.map(() => randomBytes(32));
  const [id = '', otherId = ''] = await Promise.all(
    materials.map((material) => createKey(azure, host, { spec, material })),
  );
  const name = id.split('/').at(-2) ?? '';
  const { keys } = azure.vault(host);
  const fail = {
    throttled: { status: 429, body: { error: { code: 'Throttled' } } },
    failing: { status: 500, body: { error: { code: 'InternalServerError' } } },
    dropping: undefined,
    gone: undefined,
  } as const;
  return {
    azure,
    id,
    key: create({ key: id, ...login }),
    other: create({ key: otherId, ...login }),
    // a disabled RSA key still wraps, so the role assignments are removed too, as docs/keys/azure.md says
    disable: async () => {
      keys.setEnabled(name, false);
      if (spec === RSA) azure.vault(host).grants.remove(OPENER);
    },
    scheduleDeletion: async () => keys.delete(name),
    destroy: async () => {
      keys.delete(name);
      keys.purge(name);
    },
    rotate: async () => {
      await keys.rotate(name);
    },
    fail: async (how: keyof typeof fail | 'hanging') => {
      azure.interceptor = () => (how === 'hanging' ? new Promise(() => undefined) : Promise.resolve(fail[how]));
    },
    failOnce: (how: 'failing' | 'dropping') => {
      azure.interceptor = async () => {
        azure.interceptor = undefined;
        return fail[how];
      };
    },
    remove: async () => undefined,
  };
}
