import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { useEndpoint } from '../../support/use-endpoint';
import { run } from '../commands/support/account';
import { type Response, type Responses, FakeAws } from './fake-aws';
import { CLUSTERS, HEALTHY, STORAGE_KEY } from './healthy';

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly fix?: string;
}

let aws: FakeAws;
beforeAll(async () => {
  aws = await FakeAws.start();
  useEndpoint(aws);
});
beforeEach(() => {
  aws.responses = HEALTHY;
});
afterAll(() => aws.stop());

async function problemsWith(responses: Responses): Promise<readonly Finding[]> {
  aws.responses = { ...HEALTHY, ...responses };
  const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings.filter(({ status }) => status === 'problem');
}

async function foundBy(check: string, responses: Responses): Promise<Finding | undefined> {
  aws.responses = { ...HEALTHY, ...responses };
  const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings.find((each) => each.check === check);
}

const DENIED = { error: 'AccessDeniedException' };
const cluster = (from: string, to: string) => ({ DescribeDBClusters: CLUSTERS.replace(from, to) });
const key = (changes: object) => ({
  DescribeKey: { KeyMetadata: { KeyId: 'k', KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT', ...changes } },
});
const unseal = (changes: object) => ({
  'configuration share-vault-prod-unseal': {
    ...(HEALTHY['configuration share-vault-prod-unseal'] as object),
    ...changes,
  },
});
const unsealOf = (responses: Responses) => responses['configuration share-vault-prod-unseal'] as object;
const reseal = (response: Response) => ({ 'configuration share-vault-prod-reseal': response });
const alarms = (changes: object) => {
  const { MetricAlarms } = HEALTHY.DescribeAlarms as { MetricAlarms: readonly object[] };
  return { DescribeAlarms: { MetricAlarms: [{ ...MetricAlarms[0], ...changes }] } };
};
const selectors = (response: Response) => ({ GetEventSelectors: response });
const { Parameters } = HEALTHY.GetParametersByPath as { Parameters: readonly { Name: string; ARN: string }[] };
const intakeKey = (Value: string) => ({ GetParametersByPath: { Parameters: [{ ...Parameters[0], Value }] } });
const webhookAt = (Value: string) => ({
  GetParametersByPath: {
    Parameters: [...Parameters, { ...Parameters[0], Name: '/share-vault/prod/webhook/url', Value }],
  },
});
const ALL = { IncludeManagementEvents: true, ReadWriteType: 'All' };
const FIELDS = (...FieldSelectors: readonly object[]) => ({ AdvancedEventSelectors: [{ FieldSelectors }] });
const CATEGORY = (category: string) => ({ Field: 'eventCategory', Equals: [category] });
const TYPE = { Field: 'resources.type', Equals: ['AWS::Lambda::Function'] };
const EC_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
const job = (changes: object) => {
  const { BackupJobs } = HEALTHY['GET /backup-jobs'] as { BackupJobs: readonly object[] };
  return { 'GET /backup-jobs': { BackupJobs: [{ ...BackupJobs[0], ...changes }] } };
};

describe('doctor', () => {
  test('finds no problem in a healthy account but the RSA key whose kind the canned response has wrong', async () => {
    expect(await problemsWith({})).toEqual([expect.objectContaining({ check: 'intake key intake-1: state' })]);
  });

  test.each<[what: string, check: string, responses: Responses]>([
    ['no published parameter', 'published parameters', { GetParametersByPath: { Parameters: [] } }],
    ['a parameter with the name of a key instead of its ARN', 'published parameters', intakeKey('alias/another')],
    ['a function that failed its last update', 'function unseal', unseal({ LastUpdateStatus: 'Failed' })],
    ['a function that is not active', 'function unseal', unseal({ State: 'Failed' })],
    ['a function outside of a VPC', 'function unseal', unseal({ VpcConfig: { VpcId: '' } })],
    ['a function without a key', 'function unseal', unseal({ KMSKeyArn: undefined })],
    ['a function that does not exist', 'function unseal', { 'configuration share-vault-prod-unseal': { error: 'ResourceNotFoundException' } }], // prettier-ignore
    ['no function that reseals', 'reseal: function', reseal({ error: 'ResourceNotFoundException' })],
    ['a function that reseals and failed its last update', 'reseal: function', reseal({ ...unsealOf(HEALTHY), LastUpdateStatus: 'Failed' })], // prettier-ignore
    ['a resource policy of the function that reseals', 'reseal: no one else may invoke it', { GetPolicy: { Policy: '{"Statement":[{"Effect":"Allow"}]}' } }], // prettier-ignore
    ['no state machine that reseals', 'reseal: last run', { ListExecutions: { error: 'StateMachineDoesNotExist' } }],
    ['a reseal that failed', 'reseal: last run', { ListExecutions: { executions: [{ status: 'FAILED', stopDate: 1_790_000_000 }] } }], // prettier-ignore
    ['a reseal that was stopped', 'reseal: last run', { ListExecutions: { executions: [{ status: 'ABORTED' }] } }],
    ['a key that will be deleted', 'share key: state', key({ KeyState: 'PendingDeletion', DeletionDate: 1_800_000_000 })], // prettier-ignore
    ['a disabled key', 'storage key: state', key({ KeyState: 'Disabled' })],
    ['a key without rotation', 'share key: rotation', { GetKeyRotationStatus: { KeyRotationEnabled: false } }],
    ['a key that rotates every two years', 'share key: rotation', { GetKeyRotationStatus: { KeyRotationEnabled: true, RotationPeriodInDays: 730 } }], // prettier-ignore
    ['a share key that the caller may encrypt with', 'refused: share key: Encrypt', { Encrypt: { error: 'DryRunOperationException' } }], // prettier-ignore
    ['a share key that the caller may make data keys with', 'refused: share key: GenerateDataKey', { GenerateDataKey: { error: 'DryRunOperationException' } }], // prettier-ignore
    ['an intake key that the caller may open with', 'refused: intake key intake-1: Decrypt', { Decrypt: { error: 'DryRunOperationException' } }], // prettier-ignore
    ['a function that responds without an actor', 'refused: a call without an actor', { Invoke: {} }],
    ['a database without deletion protection', 'database: deletion protection', cluster('<DeletionProtection>true', '<DeletionProtection>false')], // prettier-ignore
    ['a database without IAM logins', 'database: logins by IAM', cluster('Enabled>true', 'Enabled>false')],
    ['a database under another key', 'database: storage key', cluster(STORAGE_KEY, `${STORAGE_KEY}0`)],
    ['a database without backups', 'database: backups', cluster('Period>35', 'Period>0')],
    ['a database without an exported log', 'database: log export', cluster('<member>postgresql</member>', '')],
    ['a database that is being deleted', 'database: state', cluster('available', 'deleting')],
    ['no database', 'database', { DescribeDBClusters: '<DBClusters></DBClusters>' }],
    ['an empty signing secret', 'webhook: signing secret', { DescribeSecret: { VersionIdsToStages: {} } }],
    ['no trail', 'trail: management events', { DescribeTrails: { trailList: [] } }],
    ['a trail that was stopped', 'trail: management events', { GetTrailStatus: { IsLogging: false } }],
    ['a trail of reads', 'trail: management events', selectors({ EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'ReadOnly' }] })], // prettier-ignore
    ['a trail without data events of Lambda', 'trail: data events of Lambda', selectors({ EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'All' }] })], // prettier-ignore
    ['a trail without events of KMS', 'trail: management events', selectors({ EventSelectors: [{ ...ALL, ExcludeManagementEventSources: ['kms.amazonaws.com'] }] })], // prettier-ignore
    ['a trail whose fields leave events of KMS out', 'trail: management events', selectors(FIELDS(CATEGORY('Management'), { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] }))], // prettier-ignore
    ['a trail with data events of another function', 'trail: data events of Lambda', selectors({ EventSelectors: [{ ...ALL, DataResources: [{ Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda:eu-central-1:111122223333:function:another'] }] }] })], // prettier-ignore
    ['a trail whose fields take another function', 'trail: data events of Lambda', selectors(FIELDS(CATEGORY('Data'), TYPE, { Field: 'resources.ARN', StartsWith: ['arn:aws:lambda:eu-central-1:111122223333:function:another'] }))], // prettier-ignore
    ['no opt-in of AWS Backup for Aurora', 'backup: opt-in for Aurora', { 'GET /account-settings': { ResourceTypeOptInPreference: { Aurora: false } } }], // prettier-ignore
    ['a backup job that failed', 'backup: latest jobs', job({ State: 'FAILED' })],
    ['a backup job that expired', 'backup: latest jobs', job({ State: 'EXPIRED' })],
    ['a last backup of three days ago', 'backup: latest jobs', job({ CompletionDate: Date.now() / 1_000 - 300_000 })],
    ['no alarm', 'alarms', { DescribeAlarms: { MetricAlarms: [] } }],
    ['an alarm whose actions are off', 'alarms: actions', alarms({ ActionsEnabled: false })],
    ['an alarm without an action', 'alarms: actions', alarms({ AlarmActions: [] })],
    ['an alarm that rings', 'alarms: state', alarms({ StateValue: 'ALARM' })],
    ['a topic without a confirmed subscriber', 'alarms: subscribers', { ListSubscriptionsByTopic: '<Subscriptions><member><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions>' }], // prettier-ignore
    ['no rule', 'rules: state', { ListRules: { Rules: [] } }],
    ['a rule that is off', 'rules: state', { ListRules: { Rules: [{ Name: 'r', Description: 'share vault prod: x', State: 'DISABLED' }] } }], // prettier-ignore
    ['a rule that could not deliver', 'rules: failed deliveries', { GetMetricStatistics: { Datapoints: [{ Sum: 2 }] } }], // prettier-ignore
  ])('reports %s as a problem of %s', async (_what, check, responses) => {
    const problems = await problemsWith(responses);

    expect(problems.map((problem) => problem.check)).toContain(check);
    expect(problems.find((problem) => problem.check === check)?.fix).toMatch(/./);
  });

  test('finds no problem in a reseal that runs, in one that never ran, and in a vault with a body store, which has none', async () => {
    const running = { ListExecutions: { executions: [{ status: 'RUNNING', startDate: 1_790_000_000 }] } };
    const bodies = unseal({ Environment: { Variables: { SHARE_VAULT_BODY_STORE: '{}' } } });

    expect(await foundBy('reseal: last run', running)).toMatchObject({ status: 'ok' });
    expect(await foundBy('reseal: last run', { ListExecutions: { executions: [] } })).toMatchObject({ status: 'ok' });
    expect(await foundBy('reseal: function', { ...bodies, ...reseal({ error: 'ResourceNotFoundException' }) })).toBe(undefined); // prettier-ignore
  });

  test('says what of a reseal it may not read', async () => {
    expect(await foundBy('reseal: last run', { ListExecutions: DENIED })).toMatchObject({
      status: 'unknown',
      found: 'not permitted: states:ListExecutions',
    });
    expect(await foundBy('reseal: no one else may invoke it', { GetPolicy: DENIED })).toMatchObject({
      status: 'unknown',
    });
  });

  test.each<[what: string, selectors: object]>([
    ['fields with the calls of all functions', FIELDS(CATEGORY('Data'), TYPE)],
    ['fields with the vault by the beginning of its ARN', FIELDS(CATEGORY('Data'), TYPE, { Field: 'resources.ARN', StartsWith: ['arn:aws:lambda:eu-central-1:111122223333:function:share-vault-prod-'] })], // prettier-ignore
    ['the calls of all functions', { EventSelectors: [{ ...ALL, DataResources: [{ Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda'] }] }] }], // prettier-ignore
  ])('takes a trail for one of Lambda if its selector has %s', async (_what, response) => {
    const found = await foundBy('trail: data events of Lambda', selectors(response));

    expect(found).toMatchObject({ status: 'ok' });
  });

  test('finishes its report if a parameter names a key that is no RSA key', async () => {
    const PublicKey = EC_KEY.toString('base64');

    const found = await foundBy('refused: intake key intake-1: Decrypt', { GetPublicKey: { PublicKey } });

    expect(found).toMatchObject({ status: 'unknown', found: 'its public half is none of an RSA key' });
  });

  test.each(['ThrottlingException', 'ExpiredTokenException', 'KMSInternalException', 'InvalidSignatureException'])(
    'counts no call that ended in %s as one that was refused as it should be',
    async (error) => {
      const tried = Object.fromEntries(
        ['Encrypt', 'GenerateDataKey', 'Decrypt', 'Invoke'].map((name) => [name, { error }]),
      );
      aws.responses = { ...HEALTHY, ...tried };

      const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);

      const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
      const tries = findings.filter(({ check }) => /^refused: (share key|intake key|a call)/.test(check));
      expect(tries).toHaveLength(5);
      expect(tries.map(({ status }) => status)).toEqual(tries.map(() => 'unknown'));
    },
  );

  test.each<[status: number, body: string, found: string]>([
    [503, '{"message":"Service Unavailable"}', 'unknown'],
    [401, '{"message":"Unauthorized"}', 'unknown'],
    [429, '{"message":"Too Many Requests"}', 'unknown'],
    [200, '{"code":"Pong"}', 'problem'],
    [400, '{"code":"InvalidRequest"}', 'problem'],
    [401, '{"code":"SignatureMismatch"}', 'ok'],
    [503, '{"code":"SecretUnavailable"}', 'ok'],
  ])('takes an unsigned delivery that is answered %d with %s for %s', async (status, body, expected) => {
    const api = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/webhooks/dynamic`;

    const found = await foundBy('refused: an unsigned delivery', webhookAt(url));

    api.close();
    expect(found?.status).toBe(expected);
  });

  test('has nothing against a function that refuses a call without an actor', async () => {
    const refused = { Invoke: { errorType: 'ActorRequired' } };

    expect(await foundBy('refused: a call without an actor', refused)).toMatchObject({ status: 'problem' });
    aws.functionError = 'Unhandled';
    const found = await foundBy('refused: a call without an actor', refused);
    aws.functionError = undefined;
    expect(found).toMatchObject({ status: 'ok', found: 'ActorRequired' });
  });

  test('checks no webhook in a vault that has none', async () => {
    aws.responses = { ...HEALTHY, GetParametersByPath: { Parameters: [Parameters[0]] } };

    const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);

    const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
    expect(findings.map(({ check }) => check)).toContain('function unseal');
    expect(findings.filter(({ check }) => /webhook|receive|unsigned/.test(check))).toEqual([]);
  });

  test('takes a denied use of a key for one that is refused as it should be', async () => {
    const found = await foundBy('refused: share key: Encrypt', { Encrypt: DENIED });

    expect(found).toMatchObject({ status: 'ok', found: 'AccessDenied' });
  });

  test('can not judge backups of an account that has no job', async () => {
    expect(await foundBy('backup: latest jobs', { 'GET /backup-jobs': { BackupJobs: [] } })).toMatchObject({ status: 'unknown', found: expect.stringContaining('none in 7 days') }); // prettier-ignore
  });

  test.each([
    ['that will be deleted', { KeyState: 'PendingDeletion', DeletionDate: 1_800_000_000 }, 'cancel-key-deletion'],
    ['that is disabled', { KeyState: 'Disabled' }, 'enable-key'],
  ])('prints how to make a key usable again %s', async (_what, state, command) => {
    const found = await foundBy('share key: state', key(state));

    expect(found?.fix).toMatch(new RegExp(`^aws kms ${command} --key-id arn:`));
  });

  test('asks for a region if there is none', async () => {
    delete process.env.AWS_REGION;

    const found = await foundBy('published parameters', {});

    process.env.AWS_REGION = 'eu-central-1';
    expect(found?.found).toBe('no region: say --region REGION, or set AWS_REGION');
  });

  test('asks to sign in again if the credentials have expired', async () => {
    const found = await foundBy('published parameters', { GetParametersByPath: { error: 'ExpiredTokenException' } });

    expect(found?.found).toBe('ssm:GetParametersByPath: ExpiredTokenException: sign in again');
  });

  test('reports what the caller may not read as unknown, and names the permission', async () => {
    aws.responses = { ...HEALTHY, DescribeTrails: DENIED, ListRules: DENIED };

    const { stdout } = await run(['doctor', '--environment', 'prod']);

    expect(stdout).toMatch(/unknown {2}trail +not permitted:\s+cloudtrail:DescribeTrails\n/);
    expect(stdout).toMatch(/unknown {2}rules +not permitted:\s+events:ListRules\n/);
  });

  test.each([
    ['share key: state', 'DescribeKey', 'kms:DescribeKey'],
    ['share key: rotation', 'GetKeyRotationStatus', 'kms:GetKeyRotationStatus'],
    ['webhook: signing secret', 'DescribeSecret', 'secretsmanager:DescribeSecret'],
    ['trail: management events', 'GetTrailStatus', 'cloudtrail:GetTrailStatus'],
    ['trail: management events', 'GetEventSelectors', 'cloudtrail:GetEventSelectors'],
    ['alarms: subscribers', 'ListSubscriptionsByTopic', 'sns:ListSubscriptionsByTopic'],
    ['rules: failed deliveries', 'GetMetricStatistics', 'cloudwatch:GetMetricStatistics'],
    ['backup: latest jobs', 'GET /backup-jobs', 'backup:ListBackupJobs'],
    ['database', 'DescribeDBClusters', 'rds:DescribeDBClusters'],
  ])('can not say whether %s is in order if the caller may not call %s', async (check, operation, permission) => {
    expect(await foundBy(check, { [operation]: DENIED })).toMatchObject({
      status: 'unknown',
      found: expect.stringContaining(permission),
    });
  });

  test('fits 80 columns but for words that may not be broken, such as ARNs', async () => {
    aws.responses = { ...HEALTHY, ...key({ KeyState: 'Disabled' }), ...job({ State: 'FAILED', StatusMessage: 'word '.repeat(60) }) }; // prettier-ignore

    const { stdout } = await run(['doctor', '--environment', 'prod']);

    const long = stdout.split('\n').filter((line) => line.length > 80);
    expect(long.filter((line) => line.trim().includes(' '))).toEqual([]);
  });

  test('prints no control character that comes from AWS', async () => {
    aws.responses = { ...HEALTHY, ...job({ State: 'FAILED', StatusMessage: '\u001b[2J\u202eevil' }) };

    const { stdout } = await run(['doctor', '--environment', 'prod']);

    expect(stdout).toContain('evil');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('changes nothing', async () => {
    aws.asked.length = 0;

    await problemsWith({});

    const reads = /^(Get|Describe|List|GET |configuration )/;
    expect([...new Set(aws.asked.filter((operation) => !reads.test(operation)))].sort()).toEqual([
      'Decrypt',
      'Encrypt',
      'GenerateDataKey',
      'Invoke',
    ]);
  });
});

test('a vault with a key outside AWS as its share key has no finding about a share key', async () => {
  const variables = { SHARE_VAULT_OTHER_KEYS: '[]', SHARE_VAULT_DB_PORT: '5433' };
  aws.responses = { ...HEALTHY, ...unseal({ Environment: { Variables: variables } }) };
  const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };

  expect(findings.filter(({ check }) => check.includes('share key'))).toEqual([]);
  expect(findings.map(({ check }) => check)).toContain('storage key: state');
});
