import { describe, expect, test } from '@jest/globals';
import { resolverOf } from './support';

const RESOURCES = {
  Fn: { Type: 'AWS::Lambda::Function' },
  Named: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: { 'Fn::Sub': '${AWS::StackName}-seal' } } },
  First: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Named' } } },
  OfOther: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
  Second: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Named' } } },
  Alias: {
    Type: 'AWS::Lambda::Alias',
    Properties: { Name: 'signer', FunctionName: { 'Fn::GetAtt': ['Named', 'Arn'] }, FunctionVersion: '1' },
  },
  Key: { Type: 'AWS::KMS::Key' },
  Role: { Type: 'AWS::IAM::Role', Properties: { Path: '/vault/', RoleName: 'sealer' } },
  Policy: { Type: 'AWS::IAM::ManagedPolicy' },
  Cluster: {
    Type: 'AWS::RDS::DBCluster',
    Properties: { DBClusterIdentifier: 'Share-Vault', Port: 5433, ManageMasterUserPassword: true },
  },
  Plain: { Type: 'AWS::RDS::DBCluster', Properties: { Engine: 'aurora-postgresql' } },
  Vpc: { Type: 'AWS::EC2::VPC' },
  Group: { Type: 'AWS::EC2::SecurityGroup' },
  Endpoint: {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: { ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.kms' } },
  },
  Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/mine' } },
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'share-vault/dev/webhook' } },
  Api: { Type: 'AWS::ApiGatewayV2::Api' },
  Other: { Type: 'My::Own::Type' },
};

describe('the name or attribute of a resource', () => {
  test.each([
    ['Fn', '', /^Mine-Fn-[0-9A-F]{12}$/],
    ['Fn', 'Arn', /^arn:aws:lambda:eu-central-1:111111111111:function:Mine-Fn-[0-9A-F]{12}$/],
    ['Named', '', /^Mine-seal$/],
    ['First', '', /:function:Mine-seal:1$/],
    ['Second', '', /:function:Mine-seal:2$/],
    ['Second', 'Version', /^2$/],
    ['OfOther', 'Version', /^1$/],
    ['Alias', '', /^arn:aws:lambda:eu-central-1:111111111111:function:Mine-seal:signer$/],
    ['Key', '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    ['Key', 'Arn', /^arn:aws:kms:eu-central-1:111111111111:key\/[0-9a-f-]{36}$/],
    ['Role', '', /^sealer$/],
    ['Role', 'Arn', /^arn:aws:iam::111111111111:role\/vault\/sealer$/],
    ['Policy', '', /^arn:aws:iam::111111111111:policy\/Mine-Policy-[0-9A-F]{12}$/],
    ['Cluster', '', /^share-vault$/],
    ['Cluster', 'DBClusterResourceId', /^cluster-[0-9A-F]{26}$/],
    ['Cluster', 'Endpoint.Address', /^share-vault\.cluster-[0-9a-f]{12}\.eu-central-1\.rds\.amazonaws\.com$/],
    ['Cluster', 'Endpoint.Port', /^5433$/],
    ['Cluster', 'MasterUserSecret.SecretArn', /:secret:rds!cluster-[0-9a-f]{26}-[0-9a-f]{6}$/],
    ['Plain', 'Endpoint.Port', /^5432$/],
    ['Vpc', '', /^vpc-[0-9a-f]{17}$/],
    ['Vpc', 'DefaultSecurityGroup', /^sg-[0-9a-f]{17}$/],
    ['Group', 'GroupId', /^sg-[0-9a-f]{17}$/],
    ['Log', 'Arn', /^arn:aws:logs:eu-central-1:111111111111:log-group:\/mine:\*$/],
    ['Secret', '', /^arn:aws:secretsmanager:eu-central-1:111111111111:secret:share-vault\/dev\/webhook-[0-9a-f]{6}$/],
    ['Api', 'ApiEndpoint', /^https:\/\/[0-9a-f]{10}\.execute-api\.eu-central-1\.amazonaws\.com$/],
    ['Other', '', /^Mine-Other-[0-9A-F]{12}$/],
  ])('%s %s has the shape of AWS', (id, attribute, shape) => {
    expect(resolverOf({ Resources: RESOURCES }).reference(id, attribute)).toMatch(shape);
  });

  test('of an endpoint is a list of zones and names', () => {
    expect(resolverOf({ Resources: RESOURCES }).reference('Endpoint', 'DnsEntries')).toEqual([
      expect.stringMatching(/^Z[0-9A-F]{13}:vpce-[0-9a-f]{17}-[0-9a-f]{8}\.kms\.eu-central-1\.vpce\.amazonaws\.com$/),
    ]);
  });

  test('is the same at every start, and another in another stack', () => {
    const [first, again] = [resolverOf({ Resources: RESOURCES }), resolverOf({ Resources: RESOURCES })];
    const other = resolverOf({ Resources: RESOURCES }, { stack: 'Theirs' });

    expect(first.reference('Key')).toBe(again.reference('Key'));
    expect(first.reference('Key')).not.toBe(other.reference('Key'));
  });

  test('differs from that of every other resource', () => {
    const resolver = resolverOf({ Resources: RESOURCES });
    const names = Object.keys(RESOURCES).map((id) => resolver.reference(id));

    expect(new Set(names).size).toBe(names.length);
  });

  test('of a cluster without a managed password has no secret', () => {
    expect(() => resolverOf({ Resources: RESOURCES }).reference('Plain', 'MasterUserSecret.SecretArn')).toThrow(
      'Resources.Plain: expected a known attribute, got Plain.MasterUserSecret.SecretArn',
    );
  });

  test.each([
    ['a resource that names itself', { A: { Type: 'AWS::IAM::Role', Properties: { RoleName: { Ref: 'A' } } } }],
    [
      'two that name each other',
      {
        A: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::GetAtt': ['B', 'Arn'] } } },
        B: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Sub': '${A}' } } },
      },
    ],
  ])('with a circular reference is refused: %s', (_, Resources) => {
    const resolver = resolverOf({ Resources });

    expect(() => resolver.reference('A')).toThrowWithCode('TemplateError');
    expect(() => resolver.reference('A')).toThrow(/expected no circular reference, got A -> .*A$/);
  });
});

describe('a created resource', () => {
  test('has its real names, and so have names that are derived from them', () => {
    const made = new Map([['Named ', 'real'], ['Key Arn', 'arn:aws:kms:x']]); // prettier-ignore
    const physical = (id: string, attribute: string) => made.get(`${id} ${attribute}`);
    const resolver = resolverOf({ Resources: RESOURCES }, { physical });

    expect(resolver.reference('Key', 'Arn')).toBe('arn:aws:kms:x');
    expect(resolver.reference('First')).toBe('arn:aws:lambda:eu-central-1:111111111111:function:real:1');
  });

  test('has its real names as soon as it is created', () => {
    const made = new Map<string, string>();
    const resolver = resolverOf({ Resources: RESOURCES }, { physical: (id) => made.get(id) });
    const before = resolver.reference('Key');
    made.set('Key', 'mine');

    expect([before, resolver.reference('Key')]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 'mine']);
  });
});

describe('an output', () => {
  const sections = {
    Resources: RESOURCES,
    Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    Outputs: {
      Fn: { Value: { Ref: 'Named' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Fn' } } },
      Gone: { Value: 'x', Condition: 'No', Export: { Name: 'gone' } },
    },
  };

  test('has its value, and is found by its export name', () => {
    const resolver = resolverOf(sections);

    expect([resolver.output('Fn'), resolver.imported('Mine:Fn', [])]).toEqual(['Mine-seal', 'Mine-seal']);
  });

  test('with a false condition is undefined and not exported', () => {
    const resolver = resolverOf(sections);

    expect([resolver.output('Gone'), resolver.exports()]).toEqual([undefined, ['Mine:Fn']]);
  });

  test('that is missing is refused', () => {
    expect(() => resolverOf(sections).output('Never')).toThrow('Outputs.Never: expected an output of that name');
  });
});
