import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Context } from 'aws-lambda';
import { Client } from 'pg';
import { ENV } from '../lambda/contract/variables';
import { parseMessage } from '../lambda/message';
import { iamPassword } from '../lambda/store/password';
import { median } from './median';
import type { BenchVault } from './vault-process';

const ROUNDS = 400;
const WARM_UP = 100;

/**
 * Compares a warm unseal through the handler with the bare calls that it needs, on the same parts in the same run: two
 * KMS Decrypts in parallel by the plain SDK, and one call of the database by a plain client.
 */
export async function benchUnseal(): Promise<void> {
  const child = fork(join(__dirname, 'vault-process.ts'), { execArgv: ['--import', 'tsx'] });
  try {
    const vault = await new Promise<BenchVault>((resolve, reject) => {
      child.once('message', (message) => resolve(message as BenchVault));
      child.once('exit', (code) => reject(new Error(`expected a vault, got exit ${code}`)));
    });
    await compare(vault);
  } finally {
    await stop(child);
  }
}

async function compare(vault: BenchVault): Promise<void> {
  Object.assign(process.env, vault.env);
  // only now: the handler reads its environment when first called
  const { handler } = await import('../lambda/unseal');
  const database = await connect(vault);
  const kms = new KMSClient();
  const sealed = await callDatabase(database, vault);

  const unseal = () => handler(requestOf(vault), contextOf(vault));
  const bareKms = () => Promise.all(sealed.map((message) => decrypt(kms, vault, message)));
  const bareDatabase = () => callDatabase(database, vault);
  const times = { unseal: [] as number[], kms: [] as number[], database: [] as number[] };
  const speak = muteStdout();
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const measured = { unseal: await time(unseal), kms: await time(bareKms), database: await time(bareDatabase) };
    if (round < 0) continue;
    for (const key of ['unseal', 'kms', 'database'] as const) times[key].push(measured[key]);
  }
  speak();
  await database.end();

  const [whole, keys, rows] = [median(times.unseal), median(times.kms), median(times.database)];
  console.log(`\nWarm unseal of two materials on the local parts (median of ${ROUNDS}, ms)\n`);
  console.log(`  through the handler           ${whole.toFixed(2).padStart(7)}`);
  console.log(`  two bare Decrypts in parallel ${keys.toFixed(2).padStart(7)}`);
  console.log(`  bare database call            ${rows.toFixed(2).padStart(7)}`);
  console.log(`  handler / bare calls          ${(whole / (keys + rows)).toFixed(2).padStart(7)}  (at most 1.35)`);
}

/** The handler logs a line a call: its time counts, its text does not belong to the table. */
function muteStdout(): () => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  return () => (process.stdout.write = write);
}

function requestOf({ walletId, chain }: BenchVault): object {
  return { kind: 'delegated-share', walletId, chain, recipient: RECIPIENT, req: 'A'.repeat(22), reason: 'benchmark' };
}
const { kty, crv, x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const RECIPIENT = { kty, crv, x };

function contextOf({ functionArn }: BenchVault): Context {
  const context = { awsRequestId: 'bench', invokedFunctionArn: functionArn, getRemainingTimeInMillis: () => 10_000 };
  return context as Context;
}

async function connect({ env }: BenchVault): Promise<Client> {
  const login = { host: env[ENV.dbHost] ?? '', port: Number(env[ENV.dbPort]), user: env[ENV.dbUser] ?? '' };
  const client = new Client({
    ...login,
    database: env[ENV.dbName] ?? '',
    // this process has the function's credentials
    password: iamPassword(login),
    ssl: { ca: readFileSync(env[ENV.dbCaFile] ?? ''), minVersion: 'TLSv1.3' },
  });
  await client.connect();
  return client;
}

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

async function time(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
    else resolve();
  });
}
