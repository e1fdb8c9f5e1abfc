import { VaultError } from '../contract/errors';
import { ENV } from '../contract/variables';

/** Returns whether RDS Proxy is in front of the database. Throws `Misconfigured` for a value that is not known. */
export function isPooled(source: NodeJS.ProcessEnv = process.env): boolean {
  const text = source[ENV.dbPooled];
  if (text === undefined || text === 'true') return text === 'true';
  throw new VaultError('Misconfigured', `environment variables: ${ENV.dbPooled}: expected true or none, got another`);
}

/** Throws `Misconfigured` behind RDS Proxy, for functions that use one session over several transactions. */
export function requireDirectRoute(source: NodeJS.ProcessEnv = process.env): void {
  if (!isPooled(source)) return;
  throw new VaultError(
    'Misconfigured',
    `environment variables: ${ENV.dbPooled}: expected none for a function that keeps its session, got true`,
  );
}
