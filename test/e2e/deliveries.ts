import { createPublicKey } from 'node:crypto';
import { type EventFacts, createdBody, deliveryHeaders, revokedBody, sealMaterials } from '../../client/delivery';
import type { LocalVault } from '../../local/vault';
import { type TestVaultOptions, type TestWallet, sql, startTestVault } from './harness';

/** Starts a vault with a long webhook limit: only suites about time may meet the limit on a slow machine. */
export function startPatientVault(options: TestVaultOptions = {}): Promise<LocalVault> {
  return startTestVault(options, 'patient');
}

/** The endpoint's response. */
export interface Received {
  readonly status: number;
  readonly type: string | null;
  readonly caching: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Posts these bytes to the webhook, signed with its secret unless other headers are given. */
export async function post(
  vault: LocalVault,
  body: Buffer,
  headers: Readonly<Record<string, string>> = deliveryHeaders(body, vault.webhook.secret),
): Promise<Received> {
  const response = await fetch(vault.webhook.url, { method: 'POST', headers, body: new Uint8Array(body) });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    caching: response.headers.get('cache-control'),
    body: (await response.json()) as Received['body'],
  };
}

/** Returns only status and code, such as `200 Sealed`. */
export async function codeOf(...delivery: Parameters<typeof post>): Promise<string> {
  const { status, body } = await post(...delivery);
  return `${status} ${String(body.code)}`;
}

/** A public key for deliveries: SPKI in PEM, and its name. */
export interface DeliveryKey {
  readonly publicKey: string;
  readonly kid?: string | undefined;
}

export function createdOf(wallet: TestWallet, key: DeliveryKey, facts: EventFacts = {}): Buffer {
  const sealed = sealMaterials(wallet.materials, { publicKey: createPublicKey(key.publicKey), kid: key.kid });
  return createdBody(wallet, sealed, facts);
}

export function revokedOf(wallet: TestWallet, facts: EventFacts = {}): Buffer {
  return revokedBody(wallet, facts);
}

/** Returns a wallet's numbers of rows: sealed shares, log entries, stored deliveries. */
export async function rowsOf(vault: LocalVault, { walletId }: Pick<TestWallet, 'walletId'>): Promise<unknown> {
  const text = `SELECT (SELECT count(*)::int FROM vault.delegated_shares WHERE wallet_id = $1) AS shares,
    (SELECT count(*)::int FROM vault.share_access_log WHERE wallet_id = $1) AS log,
    (SELECT count(*)::int FROM vault.webhook_events WHERE wallet_id = $1) AS events`;
  return (await sql(vault, text, [walletId]))[0];
}

export const NOTHING = { shares: 0, log: 0, events: 0 };
export const ONE_SEALED = { shares: 1, log: 1, events: 1 };

/** Vaults with changed variables of the function `receive`. */
const changed = new WeakSet<LocalVault>();

/**
 * Changes variables of the function `receive` and starts new processes. Other variables keep their deployed values.
 * Without variables, an unchanged function keeps its processes.
 */
export async function changeReceive(vault: LocalVault, env: Readonly<Record<string, string>>): Promise<void> {
  const restored = Object.keys(env).length === 0;
  if (restored && !changed.delete(vault)) return;
  if (!restored) changed.add(vault);
  await vault.lambda.updateFunction(vault.functions.receive, { env: { ...vault.functionEnv('receive'), ...env } });
}
