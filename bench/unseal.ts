import { generateKeyPairSync } from 'node:crypto';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Client } from 'pg';
import { ENV } from '../lambda/contract/variables';
import { parseMessage } from '../lambda/message';
import type { BenchVault } from './vault-process';
import { connect, contextOf, medians, row, withVault } from './warm-function';

/**
 * Compares a warm unseal through the handler with the bare calls that it needs, on the same parts in the same run: two
 * KMS Decrypts in parallel by the plain SDK, and one call of the database by a plain client.
 */
export function benchUnseal(): Promise<void> {
  return withVault('unseal', compare);
}

async function compare(vault: BenchVault): Promise<void> {
  // only now: the handler reads its environment when first called
  const { handler } = await import('../lambda/unseal');
  const database = await connect(vault);
  const kms = new KMSClient();
  const sealed = await callDatabase(database, vault);

  const { whole, keys, rows } = await medians({
    whole: () => handler(requestOf(vault), contextOf(vault)),
    keys: () => Promise.all(sealed.map((message) => decrypt(kms, vault, message))),
    rows: () => callDatabase(database, vault),
  });
  await database.end();

  console.log('\nWarm unseal of two materials on the local parts (median, ms)\n');
  row('through the handler', whole);
  row('two bare Decrypts in parallel', keys);
  row('bare database call', rows);
  row('handler / bare calls', whole / (keys + rows), '  (at most 1.35)');
}

function requestOf({ walletId, chain }: BenchVault): object {
  return { kind: 'delegated-share', walletId, chain, recipient: RECIPIENT, req: 'A'.repeat(22), reason: 'benchmark' };
}
const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const RECIPIENT = { kty, crv, x };

async function callDatabase(client: Client, { walletId, chain }: BenchVault): Promise<readonly Buffer[]> {
  const text = `CALL vault_api.unseal_delegated_share($1, $2, NULL, 'benchmark', 'signer', 'bench'${', NULL'.repeat(9)})`;
  const { rows } = await client.query<{ delegated_share: Buffer; wallet_api_key: Buffer }>(text, [walletId, chain]);
  return rows.flatMap((row) => [row.delegated_share, row.wallet_api_key]);
}

async function decrypt(kms: KMSClient, { env }: BenchVault, sealed: Buffer): Promise<void> {
  const { context, dataKeys } = parseMessage(sealed);
  await kms.send(
    new DecryptCommand({
      KeyId: env[ENV.shareKeyArn],
      CiphertextBlob: dataKeys[0]?.ciphertext,
      EncryptionContext: Object.fromEntries(context),
    }),
  );
}
