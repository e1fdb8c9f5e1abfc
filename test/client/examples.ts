import type { RedisClientType } from '@redis/client';
import { type IntakeKeyOption, type PropertiesStore, ShareVaultClient, ShareVaultError } from '../../client/index';

/* The code in docs/client.md. `examples.test.ts` compares the two and runs it. */

interface Delivered {
  readonly delegatedShare: Uint8Array;
  readonly walletApiKey: Uint8Array;
}
type Sign = (delegatedShare: Uint8Array, walletApiKey: Uint8Array) => Promise<string>;

export async function connect(): Promise<ShareVaultClient> {
  // example: connect
  const vault = await ShareVaultClient.fromEnvironment();
  // end
  return vault;
}

export function makeClient(
  intakeKey: IntakeKeyOption,
  lambda: ConstructorParameters<typeof ShareVaultClient>[0]['lambda'],
) {
  // example: client
  const vault = new ShareVaultClient({
    environment: 'dev',
    actor: 'signer',
    functions: {
      seal: 'vault-seal',
      unseal: 'vault-unseal',
      revoke: 'vault-revoke',
      properties: 'vault-properties',
      audit: 'vault-audit',
    },
    intakeKeys: [intakeKey], // the newest first: { kid, publicKey }
    lambda, // or leave it out: the process's own region and credentials
  });
  // end
  return vault;
}

export async function seal(vault: ShareVaultClient, walletId: string, materials: Delivered): Promise<string> {
  // example: seal
  const sealing = vault.seal({ kind: 'delegated-share', walletId, chain: 'EVM', userId: 'user-1', materials });
  materials.delegatedShare.fill(0); // they were read already
  materials.walletApiKey.fill(0);
  const { recordId } = await sealing;
  // end
  return recordId;
}

export async function signWith(vault: ShareVaultClient, walletId: string, sign: Sign): Promise<string> {
  // example: unseal
  using record = await vault.unseal({ kind: 'delegated-share', walletId, chain: 'EVM', reason: 'sign transaction 7' });
  const signature = await sign(record.delegatedShare, record.walletApiKey);
  // end
  return signature;
}

export async function signWithout(vault: ShareVaultClient, walletId: string, sign: Sign): Promise<string> {
  // example: unseal without using
  const record = await vault.unseal({ kind: 'delegated-share', walletId, chain: 'EVM', reason: 'sign transaction 7' });
  try {
    return await sign(record.delegatedShare, record.walletApiKey);
  } finally {
    record.dispose(); // overwrites the materials
  }
  // end
}

interface Created {
  readonly walletId: string;
  readonly accountAddress: string;
  readonly serverKeyShares: Uint8Array;
  readonly walletProperties: string;
}

export async function sealServerKeyShares(vault: ShareVaultClient, created: Created): Promise<string> {
  const { walletId, accountAddress, serverKeyShares, walletProperties } = created;
  // example: server key shares
  const wallet = { walletId, userId: 'user-1', chain: 'EVM', accountAddress };
  const sealing = vault.sealServerKeyShares({ ...wallet, serverKeyShares, walletProperties });
  serverKeyShares.fill(0);
  const { recordId } = await sealing;
  // end
  return recordId;
}

export async function signWithServerKeyShares(
  vault: ShareVaultClient,
  walletId: string,
  sign: (serverKeyShares: Uint8Array, walletProperties: string) => Promise<string>,
): Promise<string> {
  // example: sign with server key shares
  const wallet = { walletId, chain: 'EVM' };
  const { walletProperties } = await vault.walletProperties(wallet);
  await using record = await vault.unsealServerKeyShares({ ...wallet, reason: 'sign transaction 7' });
  const signature = await sign(record.serverKeyShares, walletProperties);
  // end
  return signature;
}

export async function unsealAll(vault: ShareVaultClient, walletIds: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  // example: unseal many
  const wallets = walletIds.map((walletId) => ({ kind: 'server-key-shares' as const, walletId, chain: 'EVM' }));
  await using batch = await vault.unsealMany(wallets, { reason: 'move to the new vault' });
  for (const [at, result] of batch.results.entries()) {
    if (result.ok) lines.push(`${wallets[at]?.walletId} has ${result.value.serverKeyShares.length} bytes`);
    else lines.push(`${wallets[at]?.walletId} failed: ${String(result.error)}`);
  }
  // end
  return lines;
}

export async function readProperties(vault: ShareVaultClient, walletId: string) {
  // example: properties
  const { version, walletProperties } = await vault.walletProperties({ walletId, chain: 'EVM' });
  const first = await vault.properties({ walletId, chain: 'EVM' }, { version: 1 });
  // end
  return { version, walletProperties, first };
}

type Options = ConstructorParameters<typeof ShareVaultClient>[0];

export function clientsOfOneProcess(options: Options): ShareVaultClient[] {
  // example: map
  const store = new Map<string, string>();
  const signer = new ShareVaultClient({ ...options, actor: 'signer', propertiesCache: { store } });
  const server = new ShareVaultClient({ ...options, actor: 'server', propertiesCache: { store, ttlMs: 10_000 } });
  // end
  return [signer, server];
}

export function redisStore(redis: Pick<RedisClientType, 'get' | 'set'>): PropertiesStore {
  // example: redis
  const store: PropertiesStore = {
    get: (key) => redis.get(key),
    set: (key, value, { ttlMs }) => redis.set(key, value, { expiration: { type: 'PX', value: ttlMs } }),
  };
  // end
  return store;
}

export async function refresh(vault: ShareVaultClient, walletId: string, update: (properties: string) => string) {
  // example: replace properties
  const wallet = { walletId, chain: 'EVM' };
  const { version: expectedVersion, walletProperties } = await vault.walletProperties(wallet, { fresh: true });
  const changed = update(walletProperties);
  const { version } = await vault.replaceWalletProperties({ ...wallet, walletProperties: changed, expectedVersion });
  // end
  return version;
}

export async function revokeAndRead(vault: ShareVaultClient, walletId: string): Promise<string[]> {
  const lines: string[] = [];
  // example: audit
  const { known } = await vault.revoke({ walletId, chain: 'EVM', reason: 'user left' });
  if (known === false) throw new Error('expected a wallet of the vault, got another: its id may be mistyped');

  const wallet = { walletId, chain: 'EVM' };
  for await (const { sequence, action, outcome, actor } of vault.accessLog(wallet)) {
    lines.push(`${sequence} ${action} ${outcome} ${actor}`);
  }
  const { intact, head } = await vault.verifyAccessLog(wallet);
  lines.push(`${intact ? 'intact' : 'broken'} ${head}`);
  // end
  return lines;
}

export async function activeWallets(vault: ShareVaultClient, from: string, until: string): Promise<string[]> {
  const lines: string[] = [];
  // example: wallets
  for await (const { walletId, chain, kinds } of vault.wallets({ from, until })) {
    for await (const { at, action, outcome } of vault.accessLog({ walletId, chain }, { from, until })) {
      lines.push(`${at} ${walletId} ${kinds.join()} ${action} ${outcome}`);
    }
  }
  // end
  return lines;
}

export async function freezeAndThaw(oncall: ShareVaultClient, security: ShareVaultClient): Promise<number> {
  // example: freeze
  const { freezeId } = await oncall.freeze({ scope: 'actor', name: 'signer', reason: 'ticket 4711' });
  await oncall.requestThaw({ freezeId, reason: 'credentials rotated' });
  await security.confirmThaw({ freezeId });
  const { inForce } = await oncall.freezes();
  // end
  return inForce;
}

export async function openIfHeld(vault: ShareVaultClient, walletId: string) {
  // example: errors
  try {
    return await vault.unseal({ kind: 'delegated-share', walletId, chain: 'EVM', reason: 'sign transaction 7' });
  } catch (error) {
    if (error instanceof ShareVaultError && error.code === 'NotFound') return undefined;
    throw error;
  }
  // end
}
