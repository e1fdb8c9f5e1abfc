import { VaultError } from '../contract/errors';
import { iamPassword } from './iam-password';

export interface PasswordSettings {
  readonly dbAuth: 'iam' | 'password';
  readonly dbHost: string;
  readonly dbPort: number;
  readonly dbUser: string;
}

/** What to log in with, asked at every connect. `Misconfigured` where `PGPASSWORD` is wanted and missing. */
export function databasePassword(settings: PasswordSettings): () => Promise<string> {
  const { dbAuth, dbHost: host, dbPort: port, dbUser: user } = settings;
  return dbAuth === 'iam' ? iamPassword({ host, port, user }) : passwordFromEnv;
}

function passwordFromEnv(): Promise<string> {
  const password = process.env.PGPASSWORD;
  if (password !== undefined && password !== '') return Promise.resolve(password);
  return Promise.reject(
    new VaultError('Misconfigured', 'environment variables: PGPASSWORD: expected a value, got none'),
  );
}
