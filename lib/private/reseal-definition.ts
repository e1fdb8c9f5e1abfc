/** KMS needs up to several minutes until all its servers know the material of a rotation. */
const SETTLING_SECONDS = 600;
/** Seconds between two looks at records that another worker holds: its lease lasts a minute. */
const PAUSE_SECONDS = 60;
/** Days after which an execution ends. */
const TIMEOUT_SECONDS = 7 * 86_400;

/**
 * Errors after which the same step succeeds later: Lambda's own, and those of the handler for KMS and the database. They
 * are retried for 12 minutes on average, also while KMS does not know a rotation yet (`KeyUnreachable`).
 */
export const TRANSIENT = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'KeyThrottled',
  'KeyTimeout',
  'KeyUnreachable',
  'StoreUnavailable',
];
/** Step Functions gives this name to some errors of Lambda's servers, and to calls that IAM denies: no retry helps those. */
const DENIED_OR_FAILED = ['Lambda.AWSLambdaException'];
/** Errors of a function that ended without a response. All progress is in the database: the next step continues. */
export const CRASHES = ['Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout', 'States.Timeout'];

type State = Readonly<Record<string, unknown>>;

/** What the tasks of the state machine call. */
export interface ResealTask {
  readonly partition: string;
  readonly aliasArn: string;
  /** Timeout of the function. */
  readonly timeoutSeconds: number;
}

/**
 * Returns the definition of the state machine, in Amazon States Language: a loop for each worker, then the receipt. If the
 * input is an event of KMS, a wait comes first. Every other input starts the workers at once.
 */
export function resealDefinition(task: ResealTask, workers: number): State {
  return {
    Comment:
      'Opens each record that is not under the present key material and seals it again. The payloads are counts.',
    TimeoutSeconds: TIMEOUT_SECONDS,
    StartAt: 'Started',
    States: {
      Started: {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.source', IsPresent: true },
              { Variable: '$.source', StringEquals: 'aws.kms' },
            ],
            Next: 'Settle',
          },
        ],
        Default: 'Workers',
      },
      Settle: { Type: 'Wait', Seconds: SETTLING_SECONDS, Next: 'Workers' },
      Workers: {
        Type: 'Parallel',
        Branches: Array.from({ length: workers }, (_, worker) => workerStates(task, worker + 1)),
        ResultPath: null,
        Next: 'Receipt',
      },
      Receipt: { ...taskState(task, 'receipt'), Next: 'Outcome' },
      Outcome: {
        Type: 'Choice',
        Choices: [{ Variable: '$.next', StringEquals: 'succeed', Next: 'Resealed' }],
        Default: 'Incomplete',
      },
      Resealed: { Type: 'Succeed' },
      Incomplete: { Type: 'Fail', Error: 'Incomplete', Cause: 'some records could not be resealed' },
    },
  };
}

/** Returns the loop of one worker. Names of states are unique in the whole machine. */
function workerStates(task: ResealTask, worker: number): State {
  const [step, next, pause, done] = [`Step${worker}`, `Next${worker}`, `Pause${worker}`, `Done${worker}`];
  return {
    StartAt: step,
    States: {
      [step]: { ...taskState(task, 'step', { 'input.$': '$$.Execution.Input' }), Next: next },
      [next]: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.next', StringEquals: 'step', Next: step },
          { Variable: '$.next', StringEquals: 'wait', Next: pause },
        ],
        Default: done,
      },
      [pause]: { Type: 'Wait', Seconds: PAUSE_SECONDS, Next: step },
      [done]: { Type: 'Pass', End: true },
    },
  };
}

function taskState(
  { partition, aliasArn, timeoutSeconds }: ResealTask,
  action: 'step' | 'receipt',
  more: State = {},
): State {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: aliasArn, Payload: { action, 'run.$': '$$.Execution.Name', ...more } },
    OutputPath: '$.Payload',
    TimeoutSeconds: timeoutSeconds,
    Retry: [
      {
        ErrorEquals: TRANSIENT,
        IntervalSeconds: 5,
        MaxAttempts: 10,
        BackoffRate: 2,
        MaxDelaySeconds: 300,
        JitterStrategy: 'FULL',
      },
      { ErrorEquals: DENIED_OR_FAILED, IntervalSeconds: 5, MaxAttempts: 2, BackoffRate: 2 },
      { ErrorEquals: CRASHES, IntervalSeconds: 60, MaxAttempts: 3, BackoffRate: 2 },
    ],
  };
}
