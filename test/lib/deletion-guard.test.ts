import { type AddressInfo } from 'node:net';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { DELETION_GUARD_CODE } from '../../lib/private/deletion-guard-code';
import { propertiesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testVault } from '../support/vault';

const GUARD = 'Custom::ShareVaultDeletionGuard';
const template = testVault().template();
const [[guardId, guard] = ['', undefined]] = Object.entries(template.findResources(GUARD));
const prefixed = (type: string, prefix: string): readonly string[] =>
  Object.keys(template.findResources(type)).filter((id) => id.startsWith(prefix));

describe('the deletion guard', () => {
  test('is deleted only when the operation that created it is rolled back', () => {
    expect(guard).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('is deleted before the cluster, whose protection stays in the template', () => {
    const [cluster] = Object.keys(template.findResources('AWS::RDS::DBCluster'));

    expect(guard?.Properties).toMatchObject({ ClusterIdentifier: { Ref: cluster } });
    template.hasResourceProperties('AWS::RDS::DBCluster', { DeletionProtection: true });
  });

  test('is created right after the cluster, which waits for everything else that the guard needs', () => {
    const [[, cluster] = []] = Object.entries(template.findResources('AWS::RDS::DBCluster'));
    const [fn = ''] = prefixed('AWS::Lambda::Function', 'VaultDatabaseGuard');

    expect(cluster?.DependsOn).toContain(fn);
  });

  test('is deleted before its function, and that before its permissions', () => {
    const [fn = ''] = prefixed('AWS::Lambda::Function', 'VaultDatabaseGuard');
    const [policy = ''] = prefixed('AWS::IAM::ManagedPolicy', 'VaultDatabaseGuard');

    expect(guard?.Properties).toMatchObject({ ServiceToken: { 'Fn::GetAtt': [fn, 'Arn'] } });
    template.hasResource('AWS::Lambda::Function', {
      Properties: { FunctionName: 'share-vault-staging-guard', VpcConfig: Match.absent() },
      DependsOn: Match.arrayWith([policy]),
    });
  });

  test('comes before every instance, so that a rollback has deleted the instances before it runs', () => {
    const instances = Object.values(
      testVault({ environment: 'prod' }).template().findResources('AWS::RDS::DBInstance'),
    );

    expect(instances).toHaveLength(2);
    for (const { DependsOn } of instances) expect(DependsOn).toContain(guardId);
  });

  test('may read and change this one cluster, from its own function only', () => {
    const statements = statementsOf(template, 'AWS::IAM::ManagedPolicy', 'VaultDatabaseGuard');
    const arn = (service: string, rest: string) =>
      `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`;

    expect(statements).toEqual([
      expect.objectContaining({ Sid: 'AllowOwnLog', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] }),
      {
        Sid: 'AllowLiftDeletionProtection',
        Effect: 'Allow',
        Action: ['rds:DescribeDBClusters', 'rds:ModifyDBCluster'],
        Resource: arn('rds', 'cluster:share-vault-staging-${AWS::StackId}[/2][-0]${AWS::StackId}[/2][-1]'),
        Condition: {
          ArnEquals: { 'lambda:SourceFunctionArn': arn('lambda', 'function:share-vault-staging-guard') },
        },
      },
    ]);
  });

  test('does not change with anything but the cluster that it names', () => {
    const { template: restored } = testVault({ restoreToken: 'restored', maxCapacity: 8 });

    expect(propertiesOf(restored(), GUARD, 'Vault')).toEqual(propertiesOf(template, GUARD, 'Vault'));
  });

  test.each([RemovalPolicy.DESTROY, RemovalPolicy.RETAIN])(
    'is not made with %s, under which a rollback meets no protection or deletes nothing',
    (removalPolicy) => {
      testVault({ removalPolicy }).template().resourceCountIs(GUARD, 0);
    },
  );
});

/** A call of the guard's code to RDS. */
interface Call {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}
type Reply = object | Error;

/** Runs the code from the template, with its SDK and its pauses replaced and a real HTTP endpoint for the response. */
function run(replies: readonly Reply[]) {
  const calls: Call[] = [];
  const left = [...replies];
  const command = (name: string) =>
    class {
      readonly command = name;
      constructor(readonly input: Call['input']) {}
    };
  const sdk = {
    RDSClient: class {
      send({ command: name, input }: Call): Promise<object> {
        calls.push({ command: name, input });
        const reply = left.length > 1 ? left.shift() : left[0];
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply ?? {});
      }
    },
    DescribeDBClustersCommand: command('describe'),
    ModifyDBClusterCommand: command('modify'),
  };
  const exported: { handler?: (event: object) => Promise<void> } = {};
  const soon = (resolve: () => void): unknown => setImmediate(resolve);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('require', 'exports', 'setTimeout', DELETION_GUARD_CODE)(() => sdk, exported, soon);
  return { calls, handler: (event: object) => exported.handler?.(event) };
}

const failure = (name: string): Error => Object.assign(new Error('from RDS'), { name });
const cluster = (members: number): object => ({
  DBClusters: [{ DBClusterMembers: Array.from({ length: members }, () => ({})) }],
});

describe('the code of the deletion guard', () => {
  const answers: { readonly headers: IncomingHttpHeaders; readonly body: Record<string, unknown> }[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      answers.push({ headers: request.headers, body: JSON.parse(text) as Record<string, unknown> });
      response.statusCode = status;
      response.end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  beforeEach(() => {
    answers.length = 0;
    status = 200;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const event = (RequestType: string, more: object = {}): object => ({
    RequestType,
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Guard',
    ResourceProperties: { ClusterIdentifier: 'share-vault-prod-0123456789ab' },
    ...more,
  });
  const DELETE = { PhysicalResourceId: 'deletion-guard' };
  const lifted = {
    command: 'modify',
    input: { DBClusterIdentifier: 'share-vault-prod-0123456789ab', DeletionProtection: false, ApplyImmediately: true },
  };

  test('fits in a template', () => {
    expect(Buffer.byteLength(DELETION_GUARD_CODE)).toBeLessThan(4_096);
  });

  test.each([
    ['Create', {}],
    ['Update', DELETE],
    ['Update', { PhysicalResourceId: 'anything from before' }],
  ])('calls nothing at a %s with %j, and keeps its physical id', async (type, more) => {
    const { calls, handler } = run([cluster(0)]);

    await handler(event(type, more));

    expect(calls).toEqual([]);
    expect(answers[0]?.body).toEqual({
      Status: 'SUCCESS',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Guard',
      PhysicalResourceId: 'deletion-guard',
      ...more,
    });
  });

  test('lifts the protection of a cluster without instances', async () => {
    const { calls, handler } = run([cluster(0)]);

    await handler(event('Delete', DELETE));

    expect(calls.at(-1)).toEqual(lifted);
    expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'deletion-guard' });
  });

  test('leaves a cluster with an instance unchanged: it existed before the operation that is rolled back', async () => {
    const { calls, handler } = run([cluster(1)]);

    await handler(event('Delete', DELETE));

    expect(new Set(calls.map((call) => call.command))).toEqual(new Set(['describe']));
    expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS' });
  });

  test('waits for instances that are still listed, and for a permission that is still unknown', async () => {
    const { calls, handler } = run([failure('AccessDenied'), cluster(2), cluster(1), cluster(0), {}]);

    await handler(event('Delete', DELETE));

    expect(calls.at(-1)).toEqual(lifted);
    expect(calls).toHaveLength(5);
  });

  test.each([
    ['throttles', failure('ThrottlingException')],
    ['still modifies the cluster', failure('InvalidDBClusterStateFault')],
    ['is out of reach', failure('TimeoutError')],
  ])('tries again if RDS %s', async (_, error) => {
    const { calls, handler } = run([cluster(0), error, cluster(0), {}]);

    await handler(event('Delete', DELETE));

    expect(calls.at(-1)).toEqual(lifted);
    expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is done if the cluster is being deleted, which RDS does not modify any more', async () => {
    const { calls, handler } = run([{ DBClusters: [{ Status: 'deleting', DBClusterMembers: [] }] }]);

    await handler(event('Delete', DELETE));

    expect(calls).toHaveLength(1);
    expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each([{ ResourceProperties: {} }, { ResourceProperties: undefined }])(
    'calls nothing if the event names no cluster (%j): RDS would list all of them',
    async (more) => {
      const { calls, handler } = run([cluster(0)]);

      await handler(event('Delete', { ...DELETE, ...more }));

      expect(calls).toEqual([]);
      expect(answers[0]?.body).toMatchObject({
        Status: 'FAILED',
        Reason: 'Error: expected ClusterIdentifier, got none',
        PhysicalResourceId: 'deletion-guard',
      });
    },
  );

  test('throws if CloudFormation does not accept the response, so that Lambda calls it again', async () => {
    const { handler } = run([]);
    status = 403;

    await expect(handler(event('Create'))).rejects.toThrow('got 403');
  });

  test('is done if there is no cluster any more', async () => {
    const { handler } = run([failure('DBClusterNotFoundFault')]);

    await handler(event('Delete', DELETE));

    expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS' });
  });

  test('fails with the reason and the same physical id if RDS refuses', async () => {
    const { handler } = run([failure('InvalidDBClusterStateFault')]);

    await handler(event('Delete', DELETE));

    expect(answers[0]?.body).toMatchObject({
      Status: 'FAILED',
      Reason: 'InvalidDBClusterStateFault: from RDS',
      PhysicalResourceId: 'deletion-guard',
    });
  });

  test('responds without a content type, for which CloudFormation’s URL is not signed', async () => {
    await run([]).handler(event('Create'));

    expect(answers[0]?.headers['content-type']).toBeUndefined();
    expect(Number(answers[0]?.headers['content-length'])).toBeGreaterThan(0);
  });
});
