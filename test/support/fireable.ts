import { ERROR_CODES } from '../../lambda/contract/codes';
import { metricsOf } from '../../lambda/invocation/metrics';
import { type Resource, type VaultTemplate, at, list, ofType } from '../../local/audit/checks/template';

/** Returns the metrics of an alarm, in every form that a template can have. */
export interface Watched {
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: string;
  readonly seconds: number;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** Metrics that AWS documents, with their dimensions and their meaningful statistics. */
const DOCUMENTED: Readonly<
  Record<string, readonly (readonly [metrics: string, statistics: string, dimensions: string])[]>
> = {
  // Lambda Developer Guide, "Types of metrics for Lambda functions"
  'AWS/Lambda': [
    ['Errors Throttles Invocations', 'Sum', 'FunctionName'],
    ['Duration', 'Maximum', 'FunctionName'],
  ],
  // Aurora User Guide, "Amazon CloudWatch metrics for Amazon Aurora"
  'AWS/RDS': [['CPUUtilization ACUUtilization DatabaseConnections VolumeBytesUsed', 'Maximum', 'DBClusterIdentifier']],
  // EventBridge User Guide, "Monitoring Amazon EventBridge"
  'AWS/Events': [['FailedInvocations', 'Sum', 'RuleName']],
  // API Gateway Developer Guide, "Monitor CloudWatch metrics for HTTP APIs"
  'AWS/ApiGateway': [['4xx 5xx', 'Sum', 'ApiId Stage']],
  // Step Functions Developer Guide, "Monitoring Step Functions metrics using Amazon CloudWatch"
  'AWS/States': [['ExecutionsAborted ExecutionsFailed ExecutionsTimedOut', 'Sum', 'StateMachineArn']],
  // AWS Backup Developer Guide, "AWS Backup metrics with Amazon CloudWatch"
  'AWS/Backup': [['NumberOfBackupJobsFailed NumberOfBackupJobsExpired', 'Sum', 'BackupVaultName']],
};

/** Statistics of the handlers' own metrics that are states of the vault: the others are counts, and have a sum. */
const OF_STATES: Readonly<Record<string, string>> = {
  Frozen: 'Maximum',
  StaleRecords: 'Minimum',
  OldestMaterialDays: 'Maximum',
};

/** The function that a schedule invokes once a day, without a retry. */
const DAILY = 'migrate';

/** Returns the reasons that an alarm can never fire; none if it can. */
export function deadBecause(alarm: Resource, template: VaultTemplate): readonly string[] {
  const watched = watchedBy(alarm);
  return [
    ...unknownMetric(watched, template),
    ...unknownPlace(watched, template),
    ...outOfReach(alarm, watched, template),
  ];
}

export function watchedBy({ properties }: Resource): Watched {
  const stat = list(at(properties, 'Metrics')).map((each) => at(each, 'MetricStat'));
  const inner = stat.find((each) => each !== undefined);
  const metric = inner === undefined ? properties : at(inner, 'Metric');
  const dimensions = list(at(metric, 'Dimensions')).map(
    (each) => [String(at(each, 'Name')), at(each, 'Value')] as const,
  );
  return {
    namespace: String(at(metric, 'Namespace')),
    metric: String(at(metric, 'MetricName')),
    statistic: String(at(inner, 'Stat') ?? at(properties, 'Statistic') ?? at(properties, 'ExtendedStatistic')),
    seconds: Number(at(inner, 'Period') ?? at(properties, 'Period')),
    dimensions: Object.fromEntries(dimensions),
  };
}

function unknownMetric(watched: Watched, template: VaultTemplate): readonly string[] {
  const { namespace, metric, statistic, dimensions } = watched;
  const names = Object.keys(dimensions).join(' ');
  const known =
    namespace === 'ShareVault'
      ? statistic === (OF_STATES[metric] ?? 'Sum') && emitted().has(`${metric} ${names}`)
      : filtered(template).has(`${namespace} ${metric} ${names}`) ||
        (DOCUMENTED[namespace] ?? []).some(
          ([metrics, statistics, dimension]) =>
            metrics.split(' ').includes(metric) && statistics.split(' ').includes(statistic) && dimension === names,
        );
  return known ? [] : [`expected a metric that something sends, got ${namespace} ${metric} ${statistic} by ${names}`];
}

/** Returns the metrics in the handlers' log lines about refused calls, a migration, an unseal, a freeze or a thaw. */
function emitted(): ReadonlySet<string> {
  const outcomes = [
    ...ERROR_CODES.map((code) => ({ code })),
    ...[
      { audited: false },
      { unsealed: 1 },
      { openedRetired: 1 },
      { thawsLogged: 1 },
      { unresealed: 1 },
      { frozen: 1 },
      { staleRecords: 1 },
      { oldestMaterialDays: 1 },
      { waiting: { overdue: 1 } },
      {},
      { thaw: 'requested' as const },
      { thaw: 'confirmed' as const },
    ],
  ];
  const lines = outcomes.map((outcome) => metricsOf({ environment: 'e', function: 'f', ...outcome }, 0)._aws);
  const directives = lines.flatMap((line) => list(at(line, 'CloudWatchMetrics')));
  return new Set(
    directives.flatMap((each) =>
      list(at(each, 'Metrics')).map(
        (metric) => `${String(at(metric, 'Name'))} ${list(list(at(each, 'Dimensions'))[0]).join(' ')}`,
      ),
    ),
  );
}

/** Returns the metrics that metric filters create from logs. They have no dimension. */
function filtered(template: VaultTemplate): ReadonlySet<string> {
  const made = ofType(template, 'AWS::Logs::MetricFilter').flatMap((each) =>
    list(at(each.properties, 'MetricTransformations')),
  );
  return new Set(made.map((each) => `${String(at(each, 'MetricNamespace'))} ${String(at(each, 'MetricName'))} `));
}

/** Returns a problem unless the dimensions name resources of the template. */
function unknownPlace({ dimensions }: Watched, template: VaultTemplate): readonly string[] {
  const types: Readonly<Record<string, string>> = {
    RuleName: 'AWS::Events::Rule',
    ApiId: 'AWS::ApiGatewayV2::Api',
    DBClusterIdentifier: 'AWS::RDS::DBCluster',
    BackupVaultName: 'AWS::Backup::BackupVault',
  };
  const functions = ofType(template, 'AWS::Lambda::Function').map(({ properties }) => at(properties, 'FunctionName'));
  const handlers = functions.map((name) => String(name).replace(`share-vault-${template.environment}-`, ''));
  const machines = ofType(template, 'AWS::StepFunctions::StateMachine').map((each) =>
    String(at(each.properties, 'StateMachineName')),
  );
  return Object.entries(dimensions)
    .filter(([name, value]) => {
      if (name === 'FunctionName') return !functions.includes(value);
      if (name === 'function') return !handlers.includes(String(value));
      if (name === 'environment') return value !== template.environment;
      if (name === 'StateMachineArn') return !machines.includes(String(value).replace(/^.*:/, ''));
      if (name === 'Stage') return value !== '$default';
      const made = ofType(template, types[name] ?? '');
      // a name of its own refers to the resource itself
      return !made.some(
        ({ id, properties }) =>
          value === `\${${id}}` || value === at(properties, 'Name') || value === `\${${id}.BackupVaultName}`,
      );
    })
    .map(([name, value]) => `expected ${name} to be of this vault, got ${String(value)}`);
}

function outOfReach({ properties }: Resource, watched: Watched, template: VaultTemplate): readonly string[] {
  const { metric, dimensions, seconds } = watched;
  const threshold = Number(at(properties, 'Threshold'));
  const periods = Number(at(properties, 'EvaluationPeriods'));
  const inRow = Number(at(properties, 'DatapointsToAlarm') ?? periods);
  const name = typeof dimensions.FunctionName === 'string' ? dimensions.FunctionName : '';
  const fn = ofType(template, 'AWS::Lambda::Function').find(
    (each) => at(each.properties, 'FunctionName') === name && name !== '',
  );
  const milliseconds = Number(at(fn?.properties, 'Timeout')) * 1_000;
  return [
    ...(metric === 'Duration' && threshold >= milliseconds
      ? [`expected under ${milliseconds} ms, got ${threshold}`]
      : []),
    ...(name.endsWith(`-${DAILY}`) && inRow > 1
      ? [`expected one datapoint of what runs once a day, got ${inRow}`]
      : []),
    // no call in an hour, and one call an hour: metrics of a busy vault do not represent an idle one
    ...(['Errors', '5xx'].includes(metric) && threshold > 1
      ? [`expected the first error to count, got ${threshold} in ${seconds} s`]
      : []),
    ...(metric === 'Duration' && inRow > 1 ? [`expected one slow call to count, got ${inRow} periods`] : []),
  ];
}
