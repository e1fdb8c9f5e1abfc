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

  handle({ operation, input }: AwsCall): object {
    this.calls.push(operation);
    const given = new Map<string, unknown>(Object.entries({ ...(input as object) }));
    const machine = given.get('stateMachineArn');
    if (machine !== undefined && machine !== MACHINE) throw new AwsError('StateMachineDoesNotExist', 'expected one');
    const { executionArn } = { ...(input as { readonly executionArn?: string }) };
    const name = executionArn?.split(':').at(-1); // prettier-ignore
    const found = this.executions.find((each) => each.name === name);
    const startDate = 1_790_000_000;
    switch (operation) {
      case 'StartExecution':
        this.executions.unshift({ name: String(given.get('name')), status: 'RUNNING' });
        return { executionArn: 'arn', startDate };
      case 'ListExecutions': {
        const status = given.get('statusFilter');
        const listed = this.executions.filter((each) => status === undefined || each.status === status);
        const executions = listed.map((each) => ({ ...each, executionArn: arnOf(each), stateMachineArn: MACHINE, startDate })); // prettier-ignore
        return { executions: executions.slice(0, Number(given.get('maxResults') ?? 100)) };
      }
      case 'StopExecution':
        if (found !== undefined) found.status = 'ABORTED';
        return { stopDate: startDate };
      default: {
        const ended = found?.status !== 'RUNNING' && { stopDate: startDate + 60 };
        const failed = found?.status === 'FAILED' && { error: 'Incomplete' };
        return { ...found, executionArn: name, stateMachineArn: MACHINE, startDate, ...ended, ...failed };
      }
    }
  }
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
    machine.executions.length = 0;
    machine.calls.length = 0;
    vault.variables.clear();
    Object.assign(vault.functions, { groups: [], reseals: [], resealFailures: [] });
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
