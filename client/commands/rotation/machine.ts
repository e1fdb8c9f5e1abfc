import { randomBytes } from 'node:crypto';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  ListExecutionsCommand,
  type ListExecutionsCommandInput,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { recordsToVerify } from '../../../lambda/contract/reseals';
import { callAws } from '../aws';
import { clientConfig } from '../client-config';
import { CommandFailure, type Context } from '../command';
import { factsOf } from '../error-facts';
import { EXIT } from '../exit-codes';

/** An execution of the state machine. */
export interface Execution {
  /** also the name of the run */
  readonly name: string;
  /** RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE */
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** of a failed one, such as `Incomplete` */
  readonly error?: string;
}

type Filter = Pick<ListExecutionsCommandInput, 'statusFilter'>;

type Described = Partial<Pick<DescribeExecutionOutput, 'name' | 'startDate' | 'stopDate' | 'error'>> & {
  readonly status?: string | undefined;
};

/** The state machine that reseals a vault: `share-vault-ENVIRONMENT-reseal`. */
export class ResealMachine implements Disposable {
  readonly #sfn: SFNClient;
  readonly #sts: STSClient;
  readonly #name: string;
  #arn: string | undefined;

  constructor({ environment, region }: Pick<Context, 'environment' | 'region'>) {
    this.#name = `share-vault-${environment}-reseal`;
    this.#sfn = new SFNClient(clientConfig(region));
    this.#sts = new STSClient(clientConfig(region));
  }

  /** Starts an execution, named by its kind: the function knows by the name if it only verifies. */
  async start(kind = 'manual'): Promise<Execution> {
    const stateMachineArn = await this.#machineArn();
    const name = `${kind}-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}-${randomBytes(4).toString('hex')}`;
    const call = () => this.#sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: '{}' }));
    const { startDate } = await this.#call('to start the reseal (states:StartExecution)', call);
    return { name, status: 'RUNNING', startedAt: startDate?.toISOString() ?? '' };
  }

  /**
   * Returns the executions that are listed as running, newest first, those that only verify too. The list lags: it may lack
   * one of the last seconds.
   */
  async running(): Promise<readonly Execution[]> {
    return Array.fromAsync(this.#list({ statusFilter: 'RUNNING' }));
  }

  /** Returns the newest reseal that is listed as running; `undefined` if there is none, also beside one that only verifies. */
  async resealing(): Promise<Execution | undefined> {
    return this.#newestReseal({ statusFilter: 'RUNNING' });
  }

  /** Returns a reseal that runs, else the one that ended last; `undefined` if there was none in the last 90 days. */
  async last(): Promise<Execution | undefined> {
    // an execution that ended is listed by its end: it may be before an older one that runs
    const listed = (await this.resealing()) ?? (await this.#newestReseal());
    return listed && ((await this.describe(listed.name)) ?? listed);
  }

  /** Returns an execution; `undefined` if Step Functions doesn't know it, or doesn't yet: the response may lag behind. */
  async describe(name: string): Promise<Execution | undefined> {
    const executionArn = await this.#executionArn(name);
    const call = () => this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
    const found = await this.#call('to read the state of the reseal (states:DescribeExecution)', call).catch(unknown);
    if (found === undefined) return undefined;
    return executionOf({ ...found, name });
  }

  async stop(name: string): Promise<void> {
    const executionArn = await this.#executionArn(name);
    const call = () => this.#sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped' }));
    await this.#call('to stop the reseal (states:StopExecution)', call);
  }

  [Symbol.dispose](): void {
    this.#sfn.destroy();
    this.#sts.destroy();
  }

  async #newestReseal(filter: Filter = {}): Promise<Execution | undefined> {
    for await (const execution of this.#list(filter)) {
      if (recordsToVerify(execution.name) === undefined) return execution;
    }
    return undefined;
  }

  async *#list(filter: Filter): AsyncGenerator<Execution, void, undefined> {
    const stateMachineArn = await this.#machineArn();
    let nextToken: string | undefined;
    do {
      const command = new ListExecutionsCommand({ stateMachineArn, ...filter, nextToken });
      const page = await this.#call('to list reseals (states:ListExecutions)', () => this.#sfn.send(command));
      yield* (page.executions ?? []).map(executionOf);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  /** Returns the ARN of an execution, as Step Functions makes it of the machine and the name. */
  async #executionArn(name: string): Promise<string> {
    return `${(await this.#machineArn()).replace(':stateMachine:', ':execution:')}:${name}`;
  }

  async #machineArn(): Promise<string> {
    if (this.#arn !== undefined) return this.#arn;
    const call = () => this.#sts.send(new GetCallerIdentityCommand({}));
    const { Arn = '' } = await callAws("to read the caller's account (sts:GetCallerIdentity)", call);
    const [, partition = '', , , account = ''] = Arn.split(':');
    const region = await this.#sfn.config.region();
    this.#arn = `arn:${partition}:states:${region}:${account}:stateMachine:${this.#name}`;
    return this.#arn;
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    return callAws(what, call).catch((error: unknown) => {
      if (!(error instanceof CommandFailure)) throw error;
      const { name } = factsOf(error.cause);
      if (name !== 'StateMachineDoesNotExist') throw error;
      const where = 'is that environment deployed with a reseal, in this account and region';
      throw new CommandFailure(`expected state machine ${this.#name}, got none: ${where}`, { exit: EXIT.notFound });
    });
  }
}

function executionOf({ name = '', status = 'unknown', startDate, stopDate, error }: Described): Execution {
  return {
    name,
    status,
    startedAt: startDate?.toISOString() ?? '',
    ...(stopDate !== undefined && { endedAt: stopDate.toISOString() }),
    ...(error !== undefined && { error }),
  };
}

function unknown(error: unknown): undefined {
  const { name } = factsOf(error instanceof CommandFailure ? error.cause : error);
  if (name !== 'ExecutionDoesNotExist') throw error;
}
