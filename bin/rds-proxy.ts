import { LIMITS } from '../lib/private/patterns';
import type { RdsProxyOptions } from '../lib/rds-proxy-options';
import type { Fields } from './fields';

/** Reads RDS Proxy of an environment: `true` for one with the defaults, or an object of its options. */
export function readRdsProxy(fields: Fields): RdsProxyOptions | undefined {
  const value = fields.take('rdsProxy');
  if (value === undefined || value === false) return undefined;
  if (value === true) return {};
  const options = fields.object('rdsProxy');
  const maxConnectionsPercent = options.number('maxConnectionsPercent', LIMITS.maxConnectionsPercent);
  options.refuseOthers();
  return maxConnectionsPercent === undefined ? {} : { maxConnectionsPercent };
}
