import { CRASHES, TRANSIENT } from './reseal-definition';

/** Class of the instance: the smallest one that Aurora PostgreSQL has on Graviton. A test needs no speed. */
export const INSTANCE_CLASS = 'db.t4g.medium';
/** Seconds between two looks at an instance, and the number of looks: both an instance's start and its end may take 40 minutes. */
const LOOK_SECONDS = 60;
const LOOKS = 40;
/** Longer than all waits and retries together, those of each look too: a timeout would leave the instance. */
const TIMEOUT_SECONDS = 12 * 3_600;
const ANY = ['States.ALL'];
/** Errors of RDS, as Step Functions names them. */
const NO_INSTANCE = 'Rds.DbInstanceNotFoundException';
const INSTANCE_EXISTS = 'Rds.DbInstanceAlreadyExistsException';
const CLUSTER_BUSY = 'Rds.InvalidDbClusterStateException';

/** Times of a restore job: the function makes its metrics of them. */
const TIMES = ['CreationDate', 'CompletionDate', 'RecoveryPointCreationDate'];
const HOST = '$.restored.DbClusters[0].Endpoint';
const PORT = '$.restored.DbClusters[0].Port';

type State = Readonly<Record<string, unknown>>;

/** Resources of the state machine. */
export interface RestoreTestParts {
  readonly partition: string;
  /** the alias of the function that checks */
  readonly aliasArn: string;
  /** timeout of the function */
  readonly timeoutSeconds: number;
  /** the restore testing plan of the vault */
  readonly planArn: string;
}

const FAILED = (message: string): State => ({ status: 'FAILED', message });

/**
 * Returns the definition of the state machine of a restore test, in Amazon States Language. Its input is AWS Backup's event of
 * a restore job that completed. From the creation of the instance on, every way leads through its deletion, then through
 * the result: AWS Backup can delete the cluster only after the instance. For the same reason, those states take no value
 * before they know that it exists: nothing catches the error of a path that leads to nothing.
 */
export function restoreTestDefinition(parts: RestoreTestParts): State {
  return {
    Comment: 'Lets a function check a restored database, and reports the result to AWS Backup.',
    TimeoutSeconds: TIMEOUT_SECONDS,
    StartAt: 'Job',
    States: { ...jobStates(parts), ...instanceStates(parts), ...checkStates(parts), ...endStates(parts) },
  };
}

/** Returns the states that find the restored cluster. Jobs of other plans end the execution at once. */
function jobStates({ partition, planArn }: RestoreTestParts): Readonly<Record<string, State>> {
  const planOf = '$.job.CreatedBy.RestoreTestingPlanArn';
  return {
    Job: {
      ...call(partition, 'backup:describeRestoreJob', { 'RestoreJobId.$': '$.detail.restoreJobId' }),
      ...{ ResultPath: '$.job', Retry: AGAIN, Next: 'Ours' },
    },
    Ours: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: planOf, IsPresent: true },
            { Variable: planOf, StringEquals: planArn },
            { Variable: '$.job.Status', StringEquals: 'COMPLETED' },
            ...TIMES.map((name) => ({ Variable: `$.job.${name}`, IsPresent: true })),
          ],
          Next: 'Cluster',
        },
      ],
      Default: 'NotOurs',
    },
    NotOurs: { Type: 'Fail', Error: 'NotOurs', Cause: 'the job is no completed restore test of this vault' },
    Cluster: {
      ...call(partition, 'rds:describeDBClusters', { 'DbClusterIdentifier.$': '$.job.CreatedResourceArn' }),
      ResultSelector: { 'id.$': '$.DbClusters[0].DbClusterIdentifier' },
      ...{ ResultPath: '$.cluster', Retry: AGAIN, Catch: caught('NotPrepared'), Next: 'Authentication' },
    },
    // a cluster that is restored from a snapshot has no authentication by IAM, the function's only login
    Authentication: {
      ...call(partition, 'rds:modifyDBCluster', {
        'DbClusterIdentifier.$': '$.cluster.id',
        EnableIAMDatabaseAuthentication: true,
        ApplyImmediately: true,
      }),
      ...{ ResultPath: null, Retry: AGAIN, Catch: caught('NotPrepared'), Next: 'Create' },
    },
    NotPrepared: report('the restored cluster could not be prepared for a login', 'Result'),
  };
}

/** Returns the states that create the instance and wait for it. */
function instanceStates({ partition }: RestoreTestParts): Readonly<Record<string, State>> {
  return {
    Create: {
      ...call(partition, 'rds:createDBInstance', {
        'DbInstanceIdentifier.$': '$.cluster.id',
        'DbClusterIdentifier.$': '$.cluster.id',
        DbInstanceClass: INSTANCE_CLASS,
        Engine: 'aurora-postgresql',
        PubliclyAccessible: false,
      }),
      ResultPath: null,
      // after another error the instance may exist: a second request could not tell it from that of another execution
      Retry: [{ ErrorEquals: [CLUSTER_BUSY], IntervalSeconds: 60, MaxAttempts: 20, BackoffRate: 1 }],
      Catch: [{ ErrorEquals: [INSTANCE_EXISTS], Next: 'Twice', ResultPath: '$.error' }, ...caught('NotCreated')],
      Next: 'Looks',
    },
    // EventBridge can deliver an event twice; the other execution needs the instance, and reports the result
    Twice: { Type: 'Succeed' },
    NotCreated: report('the instance could not be created', 'Delete'),
    Looks: { Type: 'Pass', Result: { count: 0 }, ResultPath: '$.looks', Next: 'Pause' },
    Pause: { Type: 'Wait', Seconds: LOOK_SECONDS, Next: 'Instance' },
    Instance: {
      ...call(partition, 'rds:describeDBInstances', { 'DbInstanceIdentifier.$': '$.cluster.id' }),
      ...{ ResultPath: '$.instance', Retry: AGAIN, Catch: caught('NotAvailable'), Next: 'Available' },
    },
    Available: {
      Type: 'Choice',
      Choices: [
        { ...isText('$.instance.DbInstances[0].DbInstanceStatus', 'available'), Next: 'Endpoint' },
        { Variable: '$.looks.count', NumericGreaterThanEquals: LOOKS, Next: 'NotAvailable' },
      ],
      Default: 'Look',
    },
    Look: { ...counted(), Next: 'Pause' },
    NotAvailable: report('the instance did not become available in time', 'Delete'),
  };
}

/** Returns the states that let the function check the restored database. */
function checkStates({ partition, aliasArn, timeoutSeconds }: RestoreTestParts): Readonly<Record<string, State>> {
  return {
    Endpoint: {
      ...call(partition, 'rds:describeDBClusters', { 'DbClusterIdentifier.$': '$.cluster.id' }),
      ...{ ResultPath: '$.restored', Retry: AGAIN, Catch: caught('NotAvailable'), Next: 'Reachable' },
    },
    Reachable: {
      Type: 'Choice',
      Choices: [{ And: [HOST, PORT].map((Variable) => ({ Variable, IsPresent: true })), Next: 'Check' }],
      Default: 'NotAvailable',
    },
    Check: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Parameters: {
        FunctionName: aliasArn,
        Payload: {
          action: 'check',
          'restoreJobId.$': '$.job.RestoreJobId',
          cluster: { 'host.$': HOST, 'port.$': PORT },
          'startedAt.$': '$.job.CreationDate',
          'completedAt.$': '$.job.CompletionDate',
          'recoveryPointAt.$': '$.job.RecoveryPointCreationDate',
        },
      },
      ResultPath: '$.check',
      TimeoutSeconds: timeoutSeconds,
      Retry: [
        { ErrorEquals: TRANSIENT, IntervalSeconds: 15, MaxAttempts: 4, BackoffRate: 2 },
        { ErrorEquals: CRASHES, IntervalSeconds: 15, MaxAttempts: 1 },
      ],
      Catch: caught('NotChecked'),
      Next: 'Checked',
    },
    Checked: {
      Type: 'Choice',
      Choices: ['SUCCESSFUL', 'FAILED'].map((status) => ({
        And: [{ Variable: '$.check.Payload.message', IsPresent: true }, isText('$.check.Payload.status', status)],
        Next: 'Take',
      })),
      Default: 'NotChecked',
    },
    Take: {
      Type: 'Pass',
      Parameters: { 'status.$': '$.check.Payload.status', 'message.$': '$.check.Payload.message' },
      ...{ ResultPath: '$.result', Next: 'Delete' },
    },
    NotChecked: report('the check ended without a result', 'Delete'),
  };
}

/** Returns the states that delete the instance, wait until it is gone, and report the result. */
function endStates({ partition }: RestoreTestParts): Readonly<Record<string, State>> {
  const gone = { ErrorEquals: [NO_INSTANCE], Next: 'Result', ResultPath: '$.error' };
  const ended = {
    Retry: [{ ErrorEquals: [NO_INSTANCE], MaxAttempts: 0 }, ...AGAIN],
    Catch: [gone, ...caught('NotDeleted')],
  };
  return {
    Delete: {
      ...call(partition, 'rds:deleteDBInstance', { 'DbInstanceIdentifier.$': '$.cluster.id', SkipFinalSnapshot: true }),
      ...{ ResultPath: null, ...ended, Next: 'LastLooks' },
    },
    LastLooks: { Type: 'Pass', Result: { count: 0 }, ResultPath: '$.looks', Next: 'LastPause' },
    LastPause: { Type: 'Wait', Seconds: LOOK_SECONDS, Next: 'Gone' },
    Gone: {
      ...call(partition, 'rds:describeDBInstances', { 'DbInstanceIdentifier.$': '$.cluster.id' }),
      ...{ ResultPath: null, ...ended, Next: 'Enough' },
    },
    Enough: {
      Type: 'Choice',
      Choices: [{ Variable: '$.looks.count', NumericGreaterThanEquals: LOOKS, Next: 'NotDeleted' }],
      Default: 'LastLook',
    },
    LastLook: { ...counted(), Next: 'LastPause' },
    NotDeleted: report('the instance could not be deleted: delete it by hand', 'Result'),
    Result: {
      ...call(partition, 'backup:putRestoreValidationResult', {
        'RestoreJobId.$': '$.job.RestoreJobId',
        'ValidationStatus.$': '$.result.status',
        'ValidationStatusMessage.$': '$.result.message',
      }),
      ...{ ResultPath: null, Retry: AGAIN, Next: 'Outcome' },
    },
    Outcome: {
      Type: 'Choice',
      Choices: [{ Variable: '$.result.status', StringEquals: 'SUCCESSFUL', Next: 'Proven' }],
      Default: 'Unproven',
    },
    Proven: { Type: 'Succeed' },
    Unproven: { Type: 'Fail', Error: 'Unproven', Cause: 'the restored database did not pass its check' },
  };
}

/** Every error of a call is tried again: a denied call then fails a few minutes later. */
const AGAIN = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 15, MaxAttempts: 4, BackoffRate: 2 }];

/** A value that exists and equals a text. */
const isText = (Variable: string, StringEquals: string): State => ({
  And: [
    { Variable, IsPresent: true },
    { Variable, StringEquals },
  ],
});

const caught = (Next: string): readonly State[] => [{ ErrorEquals: ANY, Next, ResultPath: '$.error' }];

const call = (partition: string, action: string, Parameters: State): State => ({
  ...{ Type: 'Task', Resource: `arn:${partition}:states:::aws-sdk:${action}`, Parameters },
});

const report = (message: string, Next: string): State => ({
  ...{ Type: 'Pass', Result: FAILED(message), ResultPath: '$.result', Next },
});

const counted = (): State => ({
  ...{ Type: 'Pass', Parameters: { 'count.$': 'States.MathAdd($.looks.count, 1)' }, ResultPath: '$.looks' },
});
