import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { ENV } from '../../lambda/contract/variables';
import { createRecipeTable } from '../baselines/recipe';
import type { OperationVault } from './vault-process';
import type { Prepared } from './ways';

/** Creates the recipe's table for the functions' database users, and reads what the floor sends. */
export async function prepare(vault: OperationVault): Promise<Prepared> {
  const { env } = vault.functions.unseal;
  const database = new Client({
    ...vault.superuser,
    host: env[ENV.dbHost] ?? '',
    port: Number(env[ENV.dbPort]),
    database: env[ENV.dbName] ?? '',
    ssl: { ca: readFileSync(env[ENV.dbCaFile] ?? ''), minVersion: 'TLSv1.3' },
  });
  await database.connect();
  try {
    for (const { env: variables } of Object.values(vault.functions)) {
      await createRecipeTable(database, variables[ENV.dbUser] ?? '');
    }
    const { rows } = await database.query<Readonly<Record<'share' | 'key', Buffer>>>(MESSAGES, [vault.wallet.walletId]);
    return { vault, messages: rows.flatMap(({ share, key }) => [share, key]) };
  } finally {
    await database.end();
  }
}

const MESSAGES = `SELECT encrypted_delegated_share AS share, encrypted_wallet_api_key AS key
  FROM vault.delegated_shares WHERE wallet_id = $1`;
