import { randomBytes } from 'node:crypto';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
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

  /** Starts an execution. Returns its name. */
  async start(): Promise<string> {
    const stateMachineArn = await this.#machineArn();
    const name = `manual-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}-${randomBytes(4).toString('hex')}`;
    const call = () => this.#sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: '{}' }));
    await this.#call('to start the reseal (states:StartExecution)', call);
    return name;
  }

  /** Returns the newest execution, or `undefined` if there was none in the last 90 days. */
  async last(): Promise<Execution | undefined> {
    const stateMachineArn = await this.#machineArn();
    const call = () => this.#sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
    const { executions = [] } = await this.#call('to list reseals (states:ListExecutions)', call);
    const [newest] = executions;
    return newest?.executionArn === undefined ? undefined : this.#describe(newest.executionArn);
  }

  /** Stops what is running. Returns the names. */
  async stop(): Promise<readonly string[]> {
    const stateMachineArn = await this.#machineArn();
    const list = () => this.#sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
    const { executions = [] } = await this.#call('to list reseals (states:ListExecutions)', list);
    for (const { executionArn } of executions) {
      const call = () => this.#sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped' }));
      await this.#call('to stop the reseal (states:StopExecution)', call);
    }
    return executions.map(({ name = '' }) => name);
  }

  [Symbol.dispose](): void {
    this.#sfn.destroy();
    this.#sts.destroy();
  }

  async #describe(executionArn: string): Promise<Execution> {
    const call = () => this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
    const found = await this.#call('to read the state of the reseal (states:DescribeExecution)', call);
    const { name = '', status = 'unknown', startDate, stopDate, error } = found;
    return {
      name,
      status,
      startedAt: startDate?.toISOString() ?? '',
      ...(stopDate !== undefined && { endedAt: stopDate.toISOString() }),
      ...(error !== undefined && { error }),
    };
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
