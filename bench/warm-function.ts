import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { ENV } from '../lambda/contract/variables';
import { iamPassword } from '../lambda/store/password';

/**
 * Connects as a function does: TLS 1.3, and a password of IAM that this process's own credentials sign.
 *
 * @param fn - `env` has the function's variables
 */
export async function connect({
  env,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<Client> {
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

/** Prints a row of a table: a text and a number with two digits. */
export function row(text: string, value: number, note = ''): void {
  console.log(`  ${text.padEnd(29)} ${value.toFixed(2).padStart(7)}${note}`);
}
