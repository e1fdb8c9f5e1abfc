import { LOG_RETENTION_DAYS } from '../../lambda/contract/log-retention';
import type { AccessLogOptions } from '../access-log-options';
import { requireDuration, requireObject } from './checks';

/** Options of the access log, with what their retention needs. */
interface AccessLogProps {
  readonly accessLog?: AccessLogOptions;
  readonly tombstones?: object;
}

/** Throws for wrong options, or a retention of the access log without a bucket for what is dropped from the database. */
export function requireAccessLog({ accessLog, tombstones }: AccessLogProps): void {
  if (accessLog === undefined) return;
  requireObject('accessLog', accessLog);
  if (accessLog.retention === undefined) return;
  requireDuration('accessLog.retention', accessLog.retention, 'days', LOG_RETENTION_DAYS);
  if (tombstones === undefined) throw new Error('accessLog.retention: expected tombstones beside it, got none');
}
