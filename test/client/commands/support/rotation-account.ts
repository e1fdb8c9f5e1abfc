import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { ResealRunFact } from '../../../../lambda/contract/reseal-runs';
import { type AwsServer, AwsError, startAwsServer } from '../../../../local/emulator/services';
import type { AwsCall } from '../../../../local/emulator/services/service';
import { LocalKms } from '../../../../local/emulator/services/kms';
import { createSts } from '../../../../local/emulator/services/sts';
import { useEndpoint } from '../../../support/use-endpoint';
import { useFakeVault, vault } from '../../support/use-fake-vault';

const ACCOUNT = '111122223333';
export const MACHINE = `arn:aws:states:eu-central-1:${ACCOUNT}:stateMachine:share-vault-dev-reseal`;

/** An execution of the fake state machine. */
export interface FakeExecution {
  readonly name: string;
  status: string;
}

/** Step Functions with one state machine, in memory. */
class FakeMachine {
  readonly targetPrefix = 'AWSStepFunctions';
  readonly internalError = 'InternalFailure';
  /** newest first */
  readonly executions: FakeExecution[] = [];
  readonly calls: string[] = [];
  /** operations that the caller may not call */
  readonly denied = new Set<string>();
  /** how many of the next calls that read are served from a copy that lags: as the executions are now */
  lag: { calls: number; readonly copy: readonly FakeExecution[] } = { calls: 0, copy: [] };
  /** called before an execution is described, with the number of times that it was */
  onDescribe: (times: number) => void = () => undefined;
  /** what a new execution does at once @default - it goes on running */
  onStart: (execution: FakeExecution) => void = () => undefined;
  /** called before one is stopped, with the number of times that one was */
  onStop: (times: number) => void = () => undefined;

  /** Lets the next calls that read not see what changes from now on. */
  lagFor(calls: number): void {
    this.lag = { calls, copy: this.executions.map((each) => ({ ...each })) };
  }

  reset(): void {
    this.executions.length = 0;
    this.calls.length = 0;
    this.denied.clear();
    this.lag = { calls: 0, copy: [] };
    this.onDescribe = () => undefined;
    this.onStop = () => undefined;
    this.onStart = () => undefined;
  }

  handle({ operation, input }: AwsCall): object {
    this.calls.push(operation);
    if (this.denied.has(operation)) throw new AwsError('AccessDeniedException', 'expected a permission');
    const given = new Map<string, unknown>(Object.entries({ ...(input as object) }));
    const machine = given.get('stateMachineArn');
    if (machine !== undefined && machine !== MACHINE) throw new AwsError('StateMachineDoesNotExist', 'expected one');
    const arn = given.get('executionArn');
    switch (operation) {
      case 'StartExecution': {
        const started = { name: String(given.get('name')), status: 'RUNNING' };
        this.executions.unshift(started);
        this.onStart(started);
        return { executionArn: arnOf(started), startDate: STARTED };
      }
      case 'ListExecutions':
        return listOf(this.#seen(), given);
      case 'StopExecution':
        this.onStop(this.calls.filter((each) => each === operation).length);
        this.#named(arn, this.executions).status = 'ABORTED';
        return { stopDate: STARTED };
      default: {
        this.onDescribe(this.calls.filter((each) => each === operation).length);
        const { name, status } = this.#named(arn, this.#seen());
        const ended = status !== 'RUNNING' && { stopDate: STARTED + 60 };
        const failed = status === 'FAILED' && { error: 'Incomplete' };
        return { name, status, executionArn: arn, stateMachineArn: MACHINE, startDate: STARTED, ...ended, ...failed };
      }
    }
  }

  #named(arn: unknown, executions: readonly FakeExecution[]): FakeExecution {
    const found = executions.find((each) => arnOf(each) === arn);
    if (found === undefined) throw new AwsError('ExecutionDoesNotExist', 'expected one');
    return found;
  }

  #seen(): readonly FakeExecution[] {
    if (this.lag.calls === 0) return this.executions;
    this.lag.calls -= 1;
    return this.lag.copy;
  }
}

const STARTED = 1_790_000_000;

/** Step Functions lists up to 100. */
const PAGE_EXECUTIONS = 2;

function listOf(seen: readonly FakeExecution[], given: ReadonlyMap<string, unknown>): object {
  const status = given.get('statusFilter');
  const listed = seen.filter((each) => status === undefined || each.status === status);
  const executions = listed.map((each) => ({ ...each, executionArn: arnOf(each), stateMachineArn: MACHINE, startDate: STARTED })); // prettier-ignore
  const from = Number(given.get('nextToken') ?? 0);
  const next = from + PAGE_EXECUTIONS;
  const more = next < executions.length && { nextToken: String(next) };
  return { executions: executions.slice(from, next), ...more };
}

const arnOf = ({ name }: FakeExecution): string => `${MACHINE.replace('stateMachine', 'execution')}:${name}`;

/** What the commands of the running test find: `useRotationAccount` assigns them. */
export let machine: FakeMachine;
export let kms: KMSClient;

/** Starts an account with KMS, STS, Step Functions and the functions of a fake vault. */
export function useRotationAccount(): void {
  useFakeVault();
  const dataDir = mkdtempSync(join(tmpdir(), 'share-vault-rotation-'));
  let server: AwsServer;
  beforeAll(async () => {
    machine = new FakeMachine();
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/operator`;
    const principal = { arn: roleArn, roleArn, id: 'AROAEXAMPLE', account: ACCOUNT };
    const sts = createSts(() => ({ principal, expiresAt: Date.now() + 3_600_000 }));
    server = await startAwsServer({ services: [new LocalKms({ dataDir }), machine, sts] });
    useEndpoint({ url: server.url });
    Object.assign(process.env, { AWS_ENDPOINT_URL_LAMBDA: vault.endpoint, AWS_MAX_ATTEMPTS: '1' });
    kms = new KMSClient({ endpoint: server.url, region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }); // prettier-ignore
  });
  beforeEach(() => {
    machine.reset();
    vault.variables.clear();
    vault.hidesVariables = false;
    Object.assign(vault.functions, { groups: [], keys: undefined, reseals: [], resealFailures: [] });
  });
  afterAll(async () => {
    await server.close();
    kms.destroy();
    rmSync(dataDir, { recursive: true, force: true });
  });
}

export async function createKey(): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  return KeyMetadata?.Arn ?? '';
}

/** A run that ended today. */
export function runTo(keyId: string, changes: Partial<ResealRunFact> = {}): ResealRunFact {
  const [startedAt, lastStepAt] = [new Date(Date.now() - 60_000), new Date()].map((time) => time.toISOString());
  const times = { startedAt: startedAt ?? '', lastStepAt: lastStepAt ?? '' };
  return { run: 'run-1', keyId, ...times, resealed: 600, changed: 0, failed: 0, ...changes };
}

export function groupOf(keyId: string, records: number, keyMaterialId?: string) {
  const counts = { records, superseded: 1, oldest: '2026-01-02T03:04:05.000Z' };
  return { kind: 'delegated-share' as const, keyId, ...counts, ...(keyMaterialId !== undefined && { keyMaterialId }) };
}

export const executed = (name: string, status: string): FakeExecution => ({ name, status });

/** Ends what runs when an execution is described for so many times. */
export function endAt(times: number, status = 'SUCCEEDED'): void {
  machine.onDescribe = (time) => {
    const running = machine.executions.find((each) => each.status === 'RUNNING');
    if (time === times && running !== undefined) running.status = status;
  };
}

/** What Lambda responds to a caller who may not invoke a function as the actor. */
export const NOT_ALLOWED = { reply: { status: 403, errorType: 'AccessDeniedException', body: '{}' } };
