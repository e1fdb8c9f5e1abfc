import type { DatabaseOptions } from '../database-options';
import { requireWholeNumber } from './checks';

/** Throws if Aurora would refuse the capacity or the number of readers. */
export function requireCapacity(options: DatabaseOptions): void {
  const min = options.minCapacity ?? 0.5;
  const max = options.maxCapacity ?? 4;
  requireHalves('minCapacity', min, 0);
  requireHalves('maxCapacity', max, 1);
  if (max < min) throw new Error(`maxCapacity: expected at least minCapacity ${min}, got ${max}`);
  requireWholeNumber('readers', options.readers ?? 0, 0, 15);
}

function requireHalves(name: string, value: number, least: number): void {
  if (!Number.isInteger(value * 2) || value < least || value > 256) {
    throw new Error(`${name}: expected ${least} to 256 capacity units in halves, got ${value}`);
  }
}
