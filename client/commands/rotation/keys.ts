import { type Context, UsageError, type Values } from '../command';
import type { ExitCode } from '../exit-codes';
import { runCensus } from './census';
import { runRetire } from './retire';
import { runVerify, verifyOf } from './verify';

const ONLY = {
  census: ['former', 'delete', 'despite-backups', 'yes'],
  retire: ['require-current', 'verify', 'json'],
} as const;

export async function runKeys(context: Context, values: Values, args: readonly string[]): Promise<ExitCode> {
  const [action, key, ...more] = args;
  if (action === 'census' && key === undefined) {
    refuse(values, ONLY.census, 'keys retire');
    const records = verifyOf(values);
    if (records === undefined) return runCensus(context, values);
    if (values['require-current'] === true) throw new UsageError('--verify: expected no --require-current with it');
    return runVerify(context, values, records);
  }
  if (action === 'retire' && key !== undefined && more.length === 0) {
    refuse(values, ONLY.retire, 'keys census');
    return runRetire(context, values, key);
  }
  throw new UsageError('expected census, or retire and a key, got something else');
}

/** Refuses options of the other action: they would have no effect. */
function refuse(values: Values, names: readonly string[], action: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given}: expected ${action} with it`);
}
