import { Signer } from '@aws-sdk/rds-signer';
import { VaultError } from '../contract/errors';

export interface PasswordSettings {
  readonly dbAuth: 'iam' | 'password';
  readonly dbHost: string;
  readonly dbPort: number;
  readonly dbUser: string;
}

/** Returns the reader of the password, called at every connect. It throws `Misconfigured` if `PGPASSWORD` is missing. */
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

/** A login with the process's own AWS credentials: a token that the SDK signs locally, good for connects within 15 minutes. */
export function iamPassword(login: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}): () => Promise<string> {
  // the region is the SDK's own variable's
  const signer = new Signer({ hostname: login.host, port: login.port, username: login.user });
  return () => signer.getAuthToken();
}
