import { VaultError } from '../contract/errors';
import { LOG_RETENTION_DAYS } from '../contract/log-retention';
import { ENV } from '../contract/variables';

/** Returns the retention of the access log in days: `undefined` without the variable. Throws `Misconfigured` if it is malformed. */
export function readLogRetention(source: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = source[ENV.logRetentionDays];
  if (text === undefined) return undefined;
  const { min, max } = LOG_RETENTION_DAYS;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (days >= min && days <= max) return days;
  const message = `environment variables: ${ENV.logRetentionDays}: expected a whole number from ${min} to ${max}, got something else`;
  throw new VaultError('Misconfigured', message);
}
