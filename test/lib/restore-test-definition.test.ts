import { describe, expect, test } from '@jest/globals';
import { restoreTestDefinition } from '../../lib/private/restore-test-definition';
import type { ServiceCall } from '../../local/emulator/services/states/interpret';
import type { Json } from '../../local/emulator/services/states/json';
import { StateError } from '../../local/emulator/services/states/state-error';
import { longestRun } from '../support/longest-run';
import { run as interpreted } from '../local/emulator/services/states/support';

const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:share-vault-prod-restore-check:check';
const PLAN = 'arn:aws:backup:us-east-1:111122223333:restore-testing-plan:share_vault_prod-1';
const DEFINITION = restoreTestDefinition({ partition: 'aws', aliasArn: FUNCTION, planArn: PLAN, timeoutSeconds: 630 });
const EVENT = { detail: { restoreJobId: 'JOB' } };
const CLUSTER = 'awsbackup-restore-test-1';
const JOB = {
  RestoreJobId: 'JOB',
  Status: 'COMPLETED',
  CreatedResourceArn: `arn:aws:rds:us-east-1:111122223333:cluster:${CLUSTER}`,
  CreationDate: '2026-11-29T12:03:00.000Z',
  CompletionDate: '2026-11-29T12:21:00.000Z',
  RecoveryPointCreationDate: '2026-11-29T05:10:00.000Z',
  CreatedBy: { RestoreTestingPlanArn: PLAN },
};
const PROVEN = { status: 'SUCCESSFUL', message: 'one canary opened' };

/** AWS in which one operation fails, or responds with something else. */
interface World {
  readonly job?: Json;
  readonly check?: () => Json;
  /** errors of operations; `always` after the last one too */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  readonly always?: Readonly<Record<string, string>>;
  /** number of looks at an instance until it has started */
  readonly looks?: number;
  /** number of looks at it until it is gone */
  readonly lastLooks?: number;
}

/** Runs the machine. Returns its end, the operations in order, the reported result, and whether the instance is gone. */
async function run({
  job = JOB,
  check = () => PROVEN,
  errors = {},
  always = {},
  looks = 1,
  lastLooks = 1,
}: World = {}) {
  const left = Object.fromEntries(Object.entries(errors).map(([name, list]) => [name, [...list]]));
  const instance = { exists: false, deleting: false, looked: 0 };
  const services = ({ service, operation }: ServiceCall): Json => {
    const error = left[operation]?.shift() ?? always[operation];
    if (error !== undefined) throw new StateError(error, 'cause');
    const gone = (): never => {
      throw new StateError('Rds.DbInstanceNotFoundException', 'no instance');
    };
    if (service === 'backup') return operation === 'DescribeRestoreJob' ? job : null;
    if (operation === 'DescribeDBClusters') {
      return { DbClusters: [{ DbClusterIdentifier: CLUSTER, Endpoint: 'restored.example.com', Port: 5433 }] };
    }
    if (operation === 'CreateDBInstance') instance.exists = true;
    if (operation === 'DeleteDBInstance') {
      if (!instance.exists) gone();
      Object.assign(instance, { deleting: true, looked: 0 });
    }
    if (operation !== 'DescribeDBInstances') return {};
    if (!instance.exists) gone();
    instance.looked += 1;
    if (instance.deleting && instance.looked > lastLooks) {
      instance.exists = false;
      gone();
    }
    return { DbInstances: [{ DbInstanceStatus: instance.looked < looks ? 'creating' : 'available' }] };
  };
  const ended = await interpreted(DEFINITION, EVENT, { [FUNCTION]: () => ({ Payload: check() }) }, 1, services);
  const { parameters: result } = ended.serviceCalls.find(({ operation }) => operation.startsWith('Put')) ?? {};
  const called = ended.serviceCalls.map(({ operation }) => operation);
  return { ...ended, called, result, instanceExists: instance.exists };
}

const failed = (message: string) => ({
  RestoreJobId: 'JOB',
  ValidationStatus: 'FAILED',
  ValidationStatusMessage: message,
});

describe('a restore test', () => {
  test('logs in by IAM to a new instance, and deletes it before it reports the result', async () => {
    const { error, called, calls, result, instanceExists, serviceCalls } = await run();

    expect(error).toBeUndefined();
    expect(called).toEqual([
      ...['DescribeRestoreJob', 'DescribeDBClusters', 'ModifyDBCluster', 'CreateDBInstance', 'DescribeDBInstances'],
      ...['DescribeDBClusters', 'DeleteDBInstance', 'DescribeDBInstances', 'DescribeDBInstances'],
      'PutRestoreValidationResult',
    ]);
    expect(serviceCalls.find(({ operation }) => operation === 'ModifyDBCluster')?.parameters).toEqual({
      DbClusterIdentifier: CLUSTER,
      EnableIAMDatabaseAuthentication: true,
      ApplyImmediately: true,
    });
    expect(serviceCalls.find(({ operation }) => operation === 'CreateDBInstance')?.parameters).toEqual({
      DbInstanceIdentifier: CLUSTER,
      DbClusterIdentifier: CLUSTER,
      DbInstanceClass: 'db.t4g.medium',
      Engine: 'aurora-postgresql',
      PubliclyAccessible: false,
    });
    expect(calls.map(({ payload }) => payload)).toEqual([
      {
        action: 'check',
        restoreJobId: 'JOB',
        cluster: { host: 'restored.example.com', port: 5433 },
        startedAt: JOB.CreationDate,
        completedAt: JOB.CompletionDate,
        recoveryPointAt: JOB.RecoveryPointCreationDate,
      },
    ]);
    expect(result).toMatchObject({ ValidationStatus: 'SUCCESSFUL', ValidationStatusMessage: PROVEN.message });
    expect(instanceExists).toBe(false);
  });

  test('waits for an instance that starts and ends slowly', async () => {
    const { error, sleeps, instanceExists } = await run({ looks: 12, lastLooks: 12 });

    expect({ error, instanceExists }).toEqual({ error: undefined, instanceExists: false });
    expect(sleeps).toEqual(Array(25).fill(60));
  });

  test.each([
    ['of another plan', { ...JOB, CreatedBy: { RestoreTestingPlanArn: `${PLAN}2` } }],
    ['of no plan', { ...JOB, CreatedBy: {} }],
    ['of nobody', Object.fromEntries(Object.entries(JOB).filter(([name]) => name !== 'CreatedBy'))],
    ['that still runs', { ...JOB, Status: 'RUNNING' }],
    ['without its times', { ...JOB, RecoveryPointCreationDate: undefined as unknown as Json }],
  ])('touches nothing after a job %s', async (_of, job) => {
    const { error, called } = await run({ job: JSON.parse(JSON.stringify(job)) as Json });

    expect({ error, called }).toEqual({ error: 'NotOurs', called: ['DescribeRestoreJob'] });
  });

  test('leaves the instance to the other execution if the event comes twice', async () => {
    const { error, called } = await run({ errors: { CreateDBInstance: ['Rds.DbInstanceAlreadyExistsException'] } });

    // an error would raise an alarm about a test that goes on
    expect(error).toBeUndefined();
    expect(called).not.toContain('DeleteDBInstance');
  });

  test('waits for a cluster that is still being changed', async () => {
    const { error, sleeps } = await run({
      errors: { CreateDBInstance: Array<string>(3).fill('Rds.InvalidDbClusterStateException') },
    });

    expect(error).toBeUndefined();
    expect(sleeps.slice(0, 3)).toEqual([60, 60, 60]);
  });
});

describe('a restore test that fails', () => {
  const NOT_PREPARED = 'the restored cluster could not be prepared for a login';
  const NOT_CREATED = 'the instance could not be created';
  const NOT_AVAILABLE = 'the instance did not become available in time';
  const NOT_CHECKED = 'the check ended without a result';
  const crash = () => {
    throw new StateError('Lambda.Unknown', 'exited');
  };

  test.each<[string, string, World]>([
    ['if the cluster can not be changed', NOT_PREPARED, { always: { ModifyDBCluster: 'Rds.RdsException' } }],
    ['if the instance can not be created', NOT_CREATED, { always: { CreateDBInstance: 'Rds.RdsException' } }],
    ['if the instance never starts', NOT_AVAILABLE, { looks: 100 }],
    ['if the instance can not be described', NOT_AVAILABLE, { errors: { DescribeDBInstances: Array<string>(5).fill('Rds.RdsException') } }], // prettier-ignore
    ['if the function crashes', NOT_CHECKED, { check: crash }],
    ['if the function responds with nothing', NOT_CHECKED, { check: () => null }],
    ['if the function responds with another status', NOT_CHECKED, { check: () => ({ status: 'FINE', message: '' }) }],
    ['if the function responds without a message', NOT_CHECKED, { check: () => ({ status: 'SUCCESSFUL' }) }],
    ['if the check fails', 'no canary', { check: () => ({ status: 'FAILED', message: 'no canary' }) }],
  ])('says so %s', async (_when, message, world) => {
    const { error, result } = await run(world);

    expect({ error, result }).toEqual({ error: 'Unproven', result: failed(message) });
  });

  test.each<[string, World]>([
    ['does not start', { looks: 39 }],
    ['is not checked', { check: crash }],
    ['is not proven', { check: () => ({ status: 'FAILED', message: 'no canary' }) }],
    ['can not be described', { errors: { DescribeDBInstances: Array<string>(5).fill('Rds.RdsException') } }],
  ])('deletes an instance that %s', async (_what, world) => {
    const { called, instanceExists } = await run(world);

    expect(called).toContain('DeleteDBInstance');
    expect(instanceExists).toBe(false);
  });

  test('tries a second time after a crash, and four times while the database does not answer', async () => {
    const { calls: crashed } = await run({ check: crash });
    const { calls: unanswered } = await run({
      check: () => {
        throw new StateError('StoreUnavailable', 'no connection');
      },
    });

    expect([crashed.length, unanswered.length]).toEqual([2, 5]);
  });

  test.each<[string, World]>([
    ['could not delete', { always: { DeleteDBInstance: 'Rds.RdsException' } }],
    ['still finds after 40 minutes', { lastLooks: 100 }],
  ])('reports an instance that it %s, also after a check that succeeded', async (_what, world) => {
    const { error, result } = await run(world);

    expect({ error, result }).toEqual({
      error: 'Unproven',
      result: failed('the instance could not be deleted: delete it by hand'),
    });
  });

  test('ends before its timeout, which would leave the instance, however long everything takes', () => {
    const states = DEFINITION.States as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    const looks = [...JSON.stringify(states).matchAll(/"NumericGreaterThanEquals":(\d+)/g)].map(([, count]) =>
      Number(count),
    );

    expect(looks).toEqual([40, 40]);
    expect(longestRun(states, 40)).toBeLessThan(Number(DEFINITION.TimeoutSeconds));
  });
});
