import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Kind } from '../../lambda/contract/kinds';
import type { LocalVault } from '../vault';
import { refusal } from './refusal';
import type { Report } from './report';
import { makeServerKeyShares } from './wallet';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/** Properties as an SDK has them: no endpoint can give the backup information back. */
const PROPERTIES = JSON.stringify({
  chainName: 'EVM',
  externalServerKeySharesBackupInfo: { backups: { external: ['share-1', 'share-2'] } },
});

/**
 * Stores server key shares and wallet properties of a wallet that a backend created, reads the properties without an
 * unseal, and opens the shares. Does nothing if no actor of the template may do all of it.
 */
export async function showServerKeyShares(vault: LocalVault, report: Report): Promise<void> {
  const actor = actorOf(vault, 'server-key-shares');
  if (actor === undefined) return;
  report.heading('Server key shares and wallet properties');
  const wallet = { walletId: randomUUID(), chain: 'EVM' };
  const serverKeyShares = makeServerKeyShares();
  const client = vault.client(actor);

  await report.step(
    'seal',
    () => client.sealServerKeyShares({ ...wallet, serverKeyShares, walletProperties: PROPERTIES }),
    () => 'a backend seals the key shares of its own wallet, with its properties',
  );
  await report.step(
    'properties',
    () => client.walletProperties(wallet),
    ({ version }) => `any request reads the properties, version ${version}: nothing is unsealed or logged`,
  );
  await report.step(
    'cached',
    () => client.walletProperties(wallet),
    () => 'the next read comes from the memory of the client',
  );
  const same = await report.step(
    'unseal',
    async () => {
      const request = { ...wallet, reason: 'show server key shares' };
      using record = await client.unsealServerKeyShares(request);
      return digest(record.serverKeyShares) === digest(serverKeyShares);
    },
    (equal) => (equal ? 'the unsealed key shares equal the sealed ones, by SHA-256' : 'they differ'),
  );
  if (!same) throw new Error('expected the sealed key shares, got others');
  const write = { ...wallet, walletProperties: '{"chainName":"EVM"}', expectedVersion: 1 };
  await report.step(
    'stale',
    () => refusal('StaleWalletProperties', () => client.replaceWalletProperties(write)),
    (code) => `${code.padEnd(23)}new properties would lose the backup information`,
  );
}

/** The functions' setting: the kinds that each actor was given. */
const ACTORS = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(v.string())));

/** Returns the first actor that may seal and unseal a kind and read properties. */
function actorOf(vault: LocalVault, kind: Kind): string | undefined {
  const [first, ...others] = (['seal', 'unseal', 'properties'] as const).map((key) =>
    v.parse(ACTORS, vault.functionEnv(key).SHARE_VAULT_ACTORS),
  );
  return Object.entries(first ?? {}).find(
    ([name, kinds]) => kinds.includes(kind) && others.every((actors) => name in actors),
  )?.[0];
}
