import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Codes that no honest call meets: sealed bytes that were changed or moved, or a call past the actors. */
const TAMPERING = ['ContextMismatch', 'MessageCorrupt', 'ActorRequired'] as const;

/** Counts lines of a log, and gives the count over five minutes. */
export function countLines(
  scope: Construct,
  id: string,
  props: {
    readonly environment: string;
    readonly logGroup: logs.ILogGroup;
    readonly filterPattern: logs.IFilterPattern;
    /** a field of the line, by which the count is told apart */
    readonly dimensions?: Readonly<Record<string, string>>;
  },
): cloudwatch.Metric {
  const filter = new logs.MetricFilter(scope, id, {
    logGroup: props.logGroup,
    filterPattern: props.filterPattern,
    metricNamespace: `ShareVault/${props.environment}`,
    metricName: id,
    metricValue: '1',
    dimensions: props.dimensions,
  });
  return filter.metric({ statistic: 'Sum', period: Duration.minutes(5) });
}

/** Lines of a handler that refused a call, for whatever reason. */
export function refused(): logs.IFilterPattern {
  return logs.FilterPattern.stringValue('$.event', '=', 'refused');
}

/** Lines of a handler that met what only tampering explains. */
export function tampered(): logs.IFilterPattern {
  return logs.FilterPattern.any(...TAMPERING.map((code) => logs.FilterPattern.stringValue('$.code', '=', code)));
}

/** Lines of a handler that answered an actor. */
export function answered(): logs.IFilterPattern {
  return logs.FilterPattern.stringValue('$.event', '=', 'answered');
}

/** Lines of PostgreSQL about a login that failed: by token or password, by host or for want of TLS. */
export function failedLogins(): logs.IFilterPattern {
  return logs.FilterPattern.anyTerm('authentication failed', 'no pg_hba.conf entry', 'pg_hba.conf rejects');
}
