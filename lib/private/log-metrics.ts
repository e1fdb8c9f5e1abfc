import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Counts lines of a log, and gives the count over five minutes. */
export function countLines(
  scope: Construct,
  id: string,
  props: {
    readonly environment: string;
    readonly logGroup: logs.ILogGroup;
    readonly filterPattern: logs.IFilterPattern;
  },
): cloudwatch.Metric {
  const filter = new logs.MetricFilter(scope, id, {
    logGroup: props.logGroup,
    filterPattern: props.filterPattern,
    metricNamespace: `ShareVault/${props.environment}`,
    metricName: id,
    metricValue: '1',
  });
  return filter.metric({ statistic: 'Sum', period: Duration.minutes(5) });
}

/** Lines of PostgreSQL about a login that failed: by token or password, by host or for want of TLS. */
export function failedLogins(): logs.IFilterPattern {
  return logs.FilterPattern.anyTerm('authentication failed', 'no pg_hba.conf entry', 'pg_hba.conf rejects');
}
