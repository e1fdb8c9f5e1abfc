import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { Signer } from '@aws-sdk/rds-signer';
import type { Client } from 'pg';
import { parseMessage } from '../../../lambda/message';
import { connectDatabase } from '../../../local/emulator/postgres/connection';
import type { Credentials } from '../../../local/emulator/services/functions/environment';
import { endpointConfig } from '../../../local/vault/endpoint';
import { type TestWallet, sql } from '../harness';
import type { World } from './world';

/** A copy of a row, as a thief or a backup has it. */
export interface StolenMessage {
  readonly context: Readonly<Record<string, string>>;
  readonly wrapped: Uint8Array;
}

/** Copies the message of a wallet's delegated share. */
export async function copyMessage(
  { vault }: World,
  { walletId }: Pick<TestWallet, 'walletId'>,
): Promise<StolenMessage> {
  const text = 'SELECT encrypted_delegated_share AS sealed FROM vault.delegated_shares WHERE wallet_id = $1';
  const [row] = await sql<{ sealed: Buffer }>(vault, text, [walletId]);
  const { context, dataKeys } = parseMessage(row?.sealed ?? Buffer.alloc(0));
  return { context: Object.fromEntries(context), wrapped: dataKeys[0]?.ciphertext ?? Buffer.alloc(0) };
}

/** Unwraps the data key of a stolen message, and returns `opened` or the name of KMS's error. */
export async function unwrap(
  { vault }: World,
  credentials: Credentials | undefined,
  stolen: StolenMessage | undefined,
): Promise<string> {
  if (credentials === undefined || stolen === undefined) throw new Error('expected a thief');
  const kms = new KMSClient(endpointConfig(vault, { credentials, maxAttempts: 1 }));
  const { context: EncryptionContext, wrapped: CiphertextBlob } = stolen;
  return outcomeOf(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).finally(() => kms.destroy());
}

/** Logs in to the database with the credentials of a function's role. */
export async function logIn({ vault }: World, credentials: Credentials | undefined, user: string): Promise<Client> {
  if (credentials === undefined) throw new Error('expected a thief');
  const { postgres, region } = vault;
  const place = { hostname: postgres.host, port: postgres.port, region };
  const token = await new Signer({ ...place, username: user, credentials }).getAuthToken();
  return connectDatabase(postgres, user, token);
}

export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'opened',
    (error: unknown) => (error as Error).name,
  );
}

/** Waits until sessions that were issued before are older than a time in whole seconds. */
export async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await new Promise((resolve) => setTimeout(resolve, 10));
}
