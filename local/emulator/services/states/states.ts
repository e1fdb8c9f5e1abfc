import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AwsError } from '../errors';
import { Faults } from '../faults';
import type { JsonService } from '../json-protocol';
import type { AwsCall } from '../service';
import { readInput, seconds } from '../shape';
import { Execution, STATUSES, type StateMachine } from './execution';
import type { Invoke, Outside, ServiceCall } from './interpret';
import { type Json, parseJson } from './json';
import { runtimeError } from './state-error';
import { sleep } from './waiting';

/** Maximum characters of an input, in bytes of UTF-8. */
const INPUT_BYTES = 262_144;

const ARN = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const NAME = v.pipe(v.string(), v.minLength(1), v.maxLength(80));
const START = v.strictObject({
  stateMachineArn: ARN,
  name: v.optional(NAME),
  input: v.optional(v.pipe(v.string(), v.maxBytes(INPUT_BYTES)), '{}'),
});
const STOP = v.strictObject({
  executionArn: ARN,
  error: v.optional(v.pipe(v.string(), v.maxLength(256))),
  cause: v.optional(v.pipe(v.string(), v.maxLength(32_768))),
});
const DESCRIBE = v.strictObject({ executionArn: ARN, includedData: v.optional(v.literal('ALL_DATA')) });
const LIST = v.strictObject({
  stateMachineArn: ARN,
  statusFilter: v.optional(v.picklist(STATUSES)),
  maxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000)), 100),
  nextToken: v.optional(v.string()),
});
const MACHINE = v.strictObject({ stateMachineArn: ARN, includedData: v.optional(v.literal('ALL_DATA')) });

/** What Step Functions refuses in an execution's name. */
// eslint-disable-next-line no-control-regex -- control characters are refused
const BAD_NAME = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

export interface LocalStatesOptions {
  readonly machines: readonly StateMachine[];
  /** Returns the response of `lambda:invoke` for a machine. Throws `StateError`. */
  readonly invoke: (of: StateMachine, call: Invoke) => Promise<Json>;
  /** Returns the response of another service for a machine. Throws `StateError`. @default - no other service */
  readonly callService?: ((of: StateMachine, call: ServiceCall) => Promise<Json>) | undefined;
  /** the longest wait in seconds; waits and pauses before retries that are longer end then @default - no limit */
  readonly longestWaitSeconds?: number | undefined;
}

/** What is read of an execution. */
type Seen = Pick<Execution, 'arn' | 'name' | 'of' | 'input' | 'startedAt' | 'ended' | 'status'>;

/**
 * Emulates Step Functions: runs Standard machines, and starts, stops and describes executions. Executions live only in
 * memory, and those that run end with the process. There is no history.
 */
export class LocalStates implements JsonService {
  readonly targetPrefix = 'AWSStepFunctions';
  readonly internalError = 'InternalServerError';
  readonly faults = new Faults();
  readonly #options: LocalStatesOptions;
  /** by ARN, oldest first */
  readonly #executions = new Map<string, Execution>();
  #lag: { reads: number; readonly seen: ReadonlyMap<string, Seen> } = { reads: 0, seen: new Map() };

  constructor(options: LocalStatesOptions) {
    this.#options = options;
  }

  handle({ operation, input }: AwsCall): object {
    switch (operation) {
      case 'StartExecution':
        return this.#start(readInput(START, input));
      case 'StopExecution':
        return this.#stop(readInput(STOP, input));
      case 'DescribeExecution':
        return describe(find(this.#seen(), readInput(DESCRIBE, input).executionArn));
      case 'ListExecutions':
        return this.#list(readInput(LIST, input));
      case 'DescribeStateMachine':
        return describeMachine(this.#machine(readInput(MACHINE, input).stateMachineArn));
      default:
        throw new AwsError('UnknownOperationException', `no operation ${operation}`);
    }
  }

  /** Lets the next lists and descriptions miss what happens from now on, as those of AWS may. */
  lagFor(reads: number): void {
    const seen = [...this.#executions.values()].map(({ arn, name, of, input, startedAt, ended, status }) => {
      return [arn, { arn, name, of, input, startedAt, ended, status }] as const;
    });
    this.#lag = { reads, seen: new Map(seen) };
  }

  /** Aborts all executions and waits for their end. */
  async close(): Promise<void> {
    const executions = [...this.#executions.values()];
    for (const execution of executions) execution.abort();
    await Promise.all(executions.map(({ done }) => done));
  }

  /** Starts an execution. The same name with the same input returns the execution that runs. */
  #start({ stateMachineArn, name = randomUUID(), input }: v.InferOutput<typeof START>): object {
    const of = this.#machine(stateMachineArn);
    if (BAD_NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const parsedInput = parseJson(input);
    if (parsedInput === undefined) throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
    const arn = `${of.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const former = this.#executions.get(arn);
    if (former !== undefined && (former.status !== 'RUNNING' || former.input !== input)) {
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution = former ?? new Execution({ arn, name, of, input, parsedInput, outside: this.#outside(of) });
    this.#executions.set(arn, execution);
    return { executionArn: arn, startDate: seconds(execution.startedAt) };
  }

  #stop({ executionArn, error, cause }: v.InferOutput<typeof STOP>): object {
    const execution = find(this.#executions, executionArn);
    execution.abort(error, cause);
    return { stopDate: seconds(execution.ended?.at ?? new Date()) };
  }

  /** Lists executions, newest first: those that run by their start, others by their end. */
  #list({ stateMachineArn, statusFilter, maxResults, nextToken }: v.InferOutput<typeof LIST>): object {
    this.#machine(stateMachineArn);
    const found = [...this.#seen().values()]
      .filter(({ of, status }) => of.arn === stateMachineArn && (statusFilter ?? status) === status)
      .reverse()
      .sort((one, other) => Number(lastTime(other)) - Number(lastTime(one)));
    const start = nextToken === undefined ? 0 : found.findIndex(({ name }) => toToken(name) === nextToken);
    if (start < 0) throw new AwsError('InvalidToken', `Invalid Token: '${String(nextToken)}'`);
    // zero means the default
    const next = found[start + (maxResults || 100)];
    return {
      executions: found.slice(start, next && found.indexOf(next)).map(summary),
      nextToken: next && toToken(next.name),
    };
  }

  #machine(arn: string): StateMachine {
    const found = this.#options.machines.find((each) => each.arn === arn);
    if (found === undefined) {
      throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    }
    return found;
  }

  #seen(): ReadonlyMap<string, Seen> {
    if (this.#lag.reads === 0) return this.#executions;
    this.#lag.reads -= 1;
    return this.#lag.seen;
  }

  #outside(of: StateMachine): Outside {
    const { invoke, callService = noService, longestWaitSeconds = Infinity } = this.#options;
    return {
      invoke: (call) => invoke(of, call),
      callService: (call) => callService(of, call),
      sleep: (duration, signal) => sleep(Math.min(duration, longestWaitSeconds), signal),
      now: () => new Date(),
      random: Math.random,
    };
  }
}

const noService = (_of: StateMachine, { service }: ServiceCall): Promise<Json> =>
  Promise.reject(runtimeError(`expected a service that runs here, got ${service}`));

const lastTime = ({ startedAt, ended }: Seen): Date => ended?.at ?? startedAt;

function find<T>(executions: ReadonlyMap<string, T>, arn: string): T {
  const found = executions.get(arn);
  if (found === undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return found;
}

function summary({ arn: executionArn, name, of, status, startedAt, ended }: Seen): object {
  return {
    ...{ executionArn, name, stateMachineArn: of.arn, status, startDate: seconds(startedAt), redriveCount: 0 },
    stopDate: ended && seconds(ended.at),
  };
}

function describe(execution: Seen): object {
  const { input, ended } = execution;
  return {
    ...summary(execution),
    ...{ input, inputDetails: { included: true }, output: ended?.output, error: ended?.error, cause: ended?.cause },
    outputDetails: ended?.output === undefined ? undefined : { included: true },
    redriveStatus: 'NOT_REDRIVABLE',
  };
}

function describeMachine({ name, arn, roleArn, definition }: StateMachine): object {
  return { stateMachineArn: arn, name, status: 'ACTIVE', definition, roleArn, type: 'STANDARD' };
}

/** Encodes the name of the next page's first execution: executions that are started between two calls shift no page. */
const toToken = (name: string): string => Buffer.from(name).toString('base64url');
