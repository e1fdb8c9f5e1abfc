import { describe, expect, test } from '@jest/globals';
import {
  dependenciesHaveNoCycle,
  guardsComeFirst,
  guardsRunOnRollbackOnly,
  retainedNamesAreOfOneStack,
  retainedUnderAName,
  retainedUsesAreRetained,
  rollbacksCanDelete,
  type TemplateJson,
} from '../../../../../local/audit/lifecycle';
import { getAtt, join, ref, resource, RETAINED, template } from './tiny';

const problems = (findings: readonly { readonly problem: string }[]): readonly string[] =>
  findings.map(({ problem }) => problem);
const secret = (Name: unknown, more: object = RETAINED) =>
  resource('AWS::SecretsManager::Secret', Name === undefined ? {} : { Name }, { ...more });
const suffixed = join('a-', { 'Fn::Select': [2, { 'Fn::Split': ['/', ref('AWS::StackId')] }] });
const groupIn = (VpcId: unknown) => resource('AWS::EC2::SecurityGroup', { GroupName: 'g', VpcId }, RETAINED);

describe('retainedNamesAreOfOneStack', () => {
  test.each([
    ['a text', secret('a')],
    ['a text with the name of the stack, which the next one has as well', secret(join('a-', ref('AWS::StackName')))],
    ['a name in a network that exists without the template', groupIn('vpc-1')],
  ])('finds a retained resource under %s', (_, named) => {
    expect(problems(retainedNamesAreOfOneStack(template({ A: named })))).toEqual([
      expect.stringContaining('differs with each creation of the stack'),
    ]);
  });

  test.each([
    ['a name with the id of the stack', { A: secret(suffixed) }],
    ['no name', { A: secret(undefined) }],
    ['a name that goes with the stack', { A: secret('a', {}) }],
    ['a name in a network of the template', { A: groupIn(ref('Vpc')), Vpc: resource('AWS::EC2::VPC') }],
  ])('has nothing against %s', (_, resources) => {
    expect(retainedNamesAreOfOneStack(template(resources))).toEqual([]);
  });

  test('leaves the names that only the same stack would take again to retainedUnderAName', () => {
    expect(retainedUnderAName(template({ A: secret(suffixed), B: secret('b'), C: secret(undefined) }))).toEqual([
      'B',
      'A',
    ]);
  });
});

describe('retainedUsesAreRetained', () => {
  const groupOf = (more: object) => ({
    Subnets: resource('AWS::RDS::DBSubnetGroup', { SubnetIds: [ref('Subnet')] }, RETAINED),
    Subnet: resource('AWS::EC2::Subnet', {}, { ...more }),
  });

  test('finds a retained resource that uses one that is deleted', () => {
    expect(problems(retainedUsesAreRetained(template(groupOf({}))))).toEqual([
      'expected SubnetIds to use what is retained as well, got Subnet, which is deleted',
    ]);
  });

  test('has nothing against a retained resource that uses a retained one', () => {
    expect(retainedUsesAreRetained(template(groupOf(RETAINED)))).toEqual([]);
  });

  test.each([
    ['a key policy that names a role', 'AWS::KMS::Key', 'KeyPolicy', 'AWS::IAM::Role'],
    ['a custom resource and its function', 'Custom::AWS', 'ServiceToken', 'AWS::Lambda::Function'],
  ])('has nothing against %s', (_, user, property, used) => {
    const retained = resource(user, { [property]: ref('Used') }, RETAINED);

    expect(retainedUsesAreRetained(template({ User: retained, Used: resource(used) }))).toEqual([]);
  });

  test('finds a retained custom resource that uses a deleted resource in another way', () => {
    const retained = resource('Custom::AWS', { Create: ref('Used') }, RETAINED);

    expect(retainedUsesAreRetained(template({ User: retained, Used: resource('AWS::Lambda::Function') }))).toHaveLength(
      1,
    );
  });
});

const deleteOf = (cluster: string) =>
  join(
    '{"service":"@aws-sdk/client-rds","action":"ModifyDBCluster","parameters":{"DBClusterIdentifier":"',
    ref(cluster),
    '","DeletionProtection":false},"physicalResourceId":{"id":"guard"}}',
  );
const guard = (properties: object = {}, more: object = RETAINED) =>
  resource('Custom::AWS', { Delete: deleteOf('Db'), ...properties }, { ...more });
const guarded = (one: ReturnType<typeof guard>, more: object = { DeletionProtection: true }): TemplateJson =>
  template({ Db: resource('AWS::RDS::DBCluster', { ...more }, RETAINED), Guard: one });

describe('rollbacksCanDelete', () => {
  test.each([
    ['without a guard', resource('AWS::SNS::Topic')],
    ['with a guard that an update or a deletion runs as well', guard({}, { DeletionPolicy: 'Delete' })],
    ['with a guard of another database', guard({ Delete: deleteOf('Other') })],
    ['with a guard that calls something else', guard({ Delete: '{"service":"rds","action":"StopDBCluster"}' })],
  ])('finds a protected cluster %s', (_, one) => {
    expect(rollbacksCanDelete(guarded(one)).map(({ resource: id }) => id)).toEqual(['Db']);
  });

  test('finds a cluster whose protection is a text', () => {
    expect(rollbacksCanDelete(guarded(resource('AWS::SNS::Topic'), { DeletionProtection: 'true' }))).toHaveLength(1);
  });

  test('finds a protected cluster that a guard knows by its function only', () => {
    expect(rollbacksCanDelete(guarded(guard({ Delete: deleteOf('Other'), ServiceToken: ref('Db') })))).toHaveLength(1);
  });

  test('finds a protected cluster that is deleted with its stack', () => {
    const cluster = resource('AWS::RDS::DBCluster', { DeletionProtection: true }, { DeletionPolicy: 'Delete' });

    expect(rollbacksCanDelete(template({ Db: cluster }))).toHaveLength(1);
  });

  const code = 'async () => rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier, DeletionProtection: false }))';
  const own = (ZipFile: string): TemplateJson => ({
    Resources: {
      ...guarded(resource('Custom::Guard', { ServiceToken: getAtt('Fn', 'Arn'), Cluster: ref('Db') }, RETAINED))
        .Resources,
      Fn: resource('AWS::Lambda::Function', { Code: { ZipFile } }),
    },
  });

  test('finds a protected cluster with a custom resource whose code does something else', () => {
    expect(rollbacksCanDelete(own('async () => {}'))).toHaveLength(1);
  });

  test.each([
    ['a protected cluster with a guard', guarded(guard())],
    ['a protected cluster with a guard that has a function of its own', own(code)],
    ['a cluster without protection', guarded(resource('AWS::SNS::Topic'), { DeletionProtection: false })],
    [
      'a protected cluster that a rollback leaves',
      template({ Db: resource('AWS::RDS::DBCluster', { DeletionProtection: true }, { DeletionPolicy: 'Retain' }) }),
    ],
  ])('has nothing against %s', (_, given) => {
    expect(rollbacksCanDelete(given)).toEqual([]);
  });
});

describe('guardsComeFirst', () => {
  const beside = (...others: readonly object[]): TemplateJson => ({
    Resources: {
      ...guarded(guard()).Resources,
      Db: resource('AWS::RDS::DBCluster', { DeletionProtection: true, Key: ref('Key') }, RETAINED),
      Key: resource('AWS::KMS::Key'),
      ...Object.fromEntries(others.map((other, index) => [`Other${index + 1}`, { ...other }])),
    },
  });
  const topic = (more: object = {}) => resource('AWS::SNS::Topic', {}, { ...more });

  test('finds a resource that is created beside a protected one and its guard', () => {
    expect(guardsComeFirst(beside(topic()))).toEqual([
      {
        rule: 'guardsComeFirst',
        resource: 'Other1',
        problem: 'expected one that Db waits for, or that waits for Guard, got neither',
      },
    ]);
  });

  test('finds a resource that waits for the protected one and not for its guard', () => {
    expect(guardsComeFirst(beside(topic({ DependsOn: ['Db'] })))).toHaveLength(1);
  });

  test('finds what only the guard waits for', () => {
    const { Resources } = beside(topic());

    expect(
      guardsComeFirst({ Resources: { ...Resources, Guard: guard({}, { ...RETAINED, DependsOn: ['Other1'] }) } }),
    ).toHaveLength(1);
  });

  test.each([
    ['waits for the guard', [topic({ DependsOn: 'Guard' })]],
    ['waits for one that waits for the guard', [topic({ DependsOn: 'Guard' }), topic({ DependsOn: ['Other1'] })]],
    ['is needed by the protected one', []],
  ])('has nothing against a resource that %s', (_, others) => {
    expect(guardsComeFirst(beside(...others))).toEqual([]);
  });
});

describe('dependenciesHaveNoCycle', () => {
  const topic = (properties: object, more: object = {}) => resource('AWS::SNS::Topic', { ...properties }, { ...more });

  test.each([
    ['references', { A: topic({ X: getAtt('B', 'Arn') }), B: topic({ X: { 'Fn::Sub': '${A}/x' } }) }],
    ['a DependsOn', { A: topic({ X: ref('B') }), B: topic({}, { DependsOn: ['A'] }) }],
  ])('finds two resources that wait for each other by %s', (_, resources) => {
    expect(dependenciesHaveNoCycle(template(resources)).map(({ resource: id, problem }) => [id, problem])).toEqual([
      ['A', 'expected one that does not wait for itself, got A -> B -> A'],
      ['B', 'expected one that does not wait for itself, got B -> A -> B'],
    ]);
  });

  test('finds a resource that refers to itself', () => {
    expect(dependenciesHaveNoCycle(template({ A: topic({ X: ref('A') }) }))).toHaveLength(1);
  });

  test('names the resources of a cycle, and none that only waits for it', () => {
    const cycle = { A: topic({ X: ref('B') }), B: topic({ X: ref('C') }), C: topic({ X: ref('A') }) };
    const found = dependenciesHaveNoCycle(template({ ...cycle, D: topic({ X: [ref('A'), ref('E')] }), E: topic({}) }));

    expect(found.map(({ resource: id }) => id)).toEqual(['A', 'B', 'C']);
  });

  test('has nothing against resources that wait in an order', () => {
    const order = { A: topic({ X: ref('AWS::Region') }), B: topic({ X: ref('A') }), C: topic({}, { DependsOn: 'B' }) };

    expect(dependenciesHaveNoCycle(template(order))).toEqual([]);
  });
});

describe('guardsRunOnRollbackOnly', () => {
  const call = (id: string): string => `{"service":"rds","physicalResourceId":{"id":"${id}"}}`;

  test.each([
    ['is deleted with its stack', guard({}, { UpdateReplacePolicy: 'Retain' }), 'expected a DeletionPolicy'],
    [
      'is deleted when it is replaced',
      guard({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
      'expected an UpdateReplacePolicy',
    ],
    [
      'changes its id in an update',
      guard({ Create: call('a'), Update: call('b') }),
      'expected one constant physical id',
    ],
    [
      'takes its id from a response',
      guard({ Create: '{"service":"rds","physicalResourceId":{"responsePath":"X"}}' }),
      'expected one constant physical id',
    ],
  ])('finds a guard that %s', (_, one, problem) => {
    expect(problems(guardsRunOnRollbackOnly(guarded(one)))).toEqual([expect.stringContaining(problem)]);
  });

  test('has nothing against a guard with one id, retained but on a rollback', () => {
    expect(guardsRunOnRollbackOnly(guarded(guard({ Create: call('a'), Update: call('a') })))).toEqual([]);
  });
});
