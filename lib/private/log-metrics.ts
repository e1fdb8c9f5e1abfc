import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SETTING_RESET } from '../../lambda/contract/warnings';

/**
 * Counts matching lines of a log, and returns the count over five minutes. Filters of one metric name are counted
 * together.
 */
export function countLines(
  scope: Construct,
  id: string,
  props: {
    readonly environment: string;
    readonly logGroup: logs.ILogGroup;
    readonly filterPattern: logs.IFilterPattern;
    /** @default - the id */
    readonly metricName?: string;
  },
): cloudwatch.Metric {
  const filter = new logs.MetricFilter(scope, id, {
    logGroup: props.logGroup,
    filterPattern: props.filterPattern,
    metricNamespace: `ShareVault/${props.environment}`,
    metricName: props.metricName ?? id,
    metricValue: '1',
  });
  return filter.metric({ statistic: 'Sum', period: Duration.minutes(5) });
}

/**
 * Words in Lambda's own lines about a function that ended without a response: out of time, out of memory, or outside
 * its code. A handler that responds with an error writes none of them. Source: Lambda Developer Guide, "Troubleshoot
 * invocation issues" and "Troubleshoot execution issues".
 */
export const CRASH_TERMS = [
  'Task timed out after',
  'Runtime exited',
  'Runtime.ExitError',
  'Runtime.UnhandledPromiseRejection',
  'Uncaught Exception',
] as const;

/** Returns the pattern for lines about a function that crashed. */
export function crashes(): logs.IFilterPattern {
  return logs.FilterPattern.anyTerm(...CRASH_TERMS);
}

/** Commands that change a role or a membership in one, as pgaudit writes them beside their class. */
export const ROLE_COMMANDS = ['ALTER ROLE', 'CREATE ROLE', 'DROP ROLE', 'GRANT ROLE', 'REVOKE ROLE'] as const;

/**
 * Returns the pattern for pgaudit's lines about one of those commands in a session of the vault's users, the master
 * included. The first term is in Aurora's `log_line_prefix`, `%t:%r:%u@%d:[%p]:`, and excludes RDS's own sessions. Both
 * terms must be in the line and no term excludes a line, so that no text in a statement can hide one.
 */
export function roleChanges(command: (typeof ROLE_COMMANDS)[number]): logs.IFilterPattern {
  return logs.FilterPattern.allTerms('):vault_', `,ROLE,${command},`);
}

/** Returns the pattern for a migration's line about settings of a login role; the line needs no pgaudit. */
export function resetSettings(): logs.IFilterPattern {
  return logs.FilterPattern.allTerms(SETTING_RESET);
}

/** Returns the pattern for PostgreSQL's lines about a failed login: by token or password, by host or without TLS. */
export function failedLogins(): logs.IFilterPattern {
  return logs.FilterPattern.anyTerm('authentication failed', 'no pg_hba.conf entry', 'pg_hba.conf rejects');
}
