import { describe, expect, test } from '@jest/globals';
import { resolved } from './support';

const KEY = { Type: 'AWS::KMS::Key' };
const FN = { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'seal' } };
const RESOURCES = { Key: KEY, Fn: FN };
const CONDITIONS = { Yes: { 'Fn::Equals': ['a', 'a'] }, No: { 'Fn::Equals': ['a', 'b'] } };
const MAPPINGS = { Sizes: { small: { memory: 128, zones: ['a', 'b'] } } };
const ALL = { Resources: RESOURCES, Conditions: CONDITIONS, Mappings: MAPPINGS };

const FN_ARN = 'arn:aws:lambda:eu-central-1:111111111111:function:seal';

describe('an intrinsic function', () => {
  test.each([
    ['Ref of a resource', { Ref: 'Fn' }, 'seal'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Fn', 'Arn'] }, FN_ARN],
    ['Fn::GetAtt as a text', { 'Fn::GetAtt': 'Fn.Arn' }, FN_ARN],
    ['Fn::GetAtt with a computed attribute', { 'Fn::GetAtt': ['Fn', { 'Fn::Sub': 'Arn' }] }, FN_ARN],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Fn' }, 1, true]] }, 'a-seal-1-true'],
    ['Fn::Join of nothing', { 'Fn::Join': ['-', []] }, ''],
    ['Fn::Join without what has no value', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a-b'],
    ['Fn::Join of a split', { 'Fn::Join': ['-', { 'Fn::Split': [':', 'a:b'] }] }, 'a-b'],
    ['Fn::Sub of a resource', { 'Fn::Sub': 'x-${Fn}-y' }, 'x-seal-y'],
    ['Fn::Sub of an attribute', { 'Fn::Sub': '${Fn.Arn}:*' }, `${FN_ARN}:*`],
    ['Fn::Sub of a pseudo parameter', { 'Fn::Sub': 'arn:${AWS::Partition}:x' }, 'arn:aws:x'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!Fn}-${Fn}' }, '${Fn}-seal'],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${a}.${Fn}', { a: { Ref: 'Fn' } }] }, 'seal.seal'],
    ['Fn::Sub with a variable named as a resource', { 'Fn::Sub': ['${Fn}', { Fn: 'mine' }] }, 'mine'],
    ['Fn::Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    ['Fn::Select with a text', { 'Fn::Select': ['0', { 'Fn::Split': [',', 'x,y'] }] }, 'x'],
    ['Fn::Split', { 'Fn::Split': [':', 'a:b:c'] }, ['a', 'b', 'c']],
    ['Fn::If with a true condition', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    ['Fn::If with a false condition', { 'Fn::If': ['No', 'a', { Ref: 'Fn' }] }, 'seal'],
    ['Fn::If that leaves its value out', { 'Fn::If': ['No', 'a', { Ref: 'AWS::NoValue' }] }, undefined],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'memory'] }, 128],
    ['Fn::FindInMap of a list', { 'Fn::FindInMap': ['Sizes', { 'Fn::Sub': 'small' }, 'zones'] }, ['a', 'b']],
    ['Fn::FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'big', 'memory', { DefaultValue: 1 }] }, 1],
    ['Fn::Base64', { 'Fn::Base64': { 'Fn::Sub': 'é${Fn}' } }, Buffer.from('éseal').toString('base64')],
    ['Fn::GetAZs', { 'Fn::GetAZs': '' }, ['eu-central-1a', 'eu-central-1b', 'eu-central-1c']],
    [
      'Fn::GetAZs of its region',
      { 'Fn::GetAZs': { Ref: 'AWS::Region' } },
      ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
    ],
    ['AWS::AccountId', { Ref: 'AWS::AccountId' }, '111111111111'],
    ['AWS::NotificationARNs', { Ref: 'AWS::NotificationARNs' }, []],
    ['AWS::Partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['AWS::Region', { Ref: 'AWS::Region' }, 'eu-central-1'],
    ['AWS::StackName', { Ref: 'AWS::StackName' }, 'Mine'],
    ['AWS::URLSuffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['AWS::NoValue in a list', ['a', { Ref: 'AWS::NoValue' }, 'b'], ['a', 'b']],
    ['AWS::NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    [
      'a literal',
      { a: [1, null, true, { Condition: { Bool: {} } }] },
      { a: [1, null, true, { Condition: { Bool: {} } }] },
    ],
  ])('resolves %s as CloudFormation does', (_, value, expected) => {
    expect(resolved(value, ALL)).toEqual(expected);
  });

  test('resolves AWS::StackId to the ARN of a stack', () => {
    expect(resolved({ Ref: 'AWS::StackId' })).toMatch(
      /^arn:aws:cloudformation:eu-central-1:111111111111:stack\/Mine\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    );
  });

  test('resolves Fn::ImportValue to an export of another stack', () => {
    const Outputs = { 'Other/Vpc': { Value: 'vpc-1', Export: { Name: 'Other:Vpc' } } };

    expect(resolved({ 'Fn::ImportValue': { 'Fn::Sub': 'Other:Vpc' } }, { Outputs })).toBe('vpc-1');
  });

  test.each([
    ['in its own region', {}],
    ['in a named region', { Region: 'eu-central-1', RoleArn: 'arn:aws:iam::111111111111:role/reader' }],
  ])('resolves Fn::GetStackOutput to an output of another stack %s', (_, more) => {
    const Outputs = { 'Other/Vpc': { Value: 'vpc-1' } };
    const value = { 'Fn::GetStackOutput': { StackName: { 'Fn::Sub': 'Other' }, OutputName: 'Vpc', ...more } };

    expect(resolved(value, { Outputs })).toBe('vpc-1');
  });

  test('Fn::If does not resolve the other branch', () => {
    expect(resolved({ 'Fn::If': ['Yes', 'a', { 'Fn::Nonsense': [] }] }, ALL)).toBe('a');
  });
});

describe('refuses', () => {
  const AT = 'mine.template.json: Resources.It.Properties.Value';

  test.each([
    [
      'an unknown intrinsic',
      { a: [{ 'Fn::Cidr': ['10.0.0.0/8', 2, 8] }] },
      `${AT}.a[0].Fn::Cidr: expected a supported intrinsic function`,
    ],
    ['a macro', { 'Fn::Transform': { Name: 'X' } }, `${AT}.Fn::Transform: expected a supported intrinsic function`],
    [
      'an intrinsic function beside other members',
      { Ref: 'Fn', more: 1 },
      `${AT}.Ref: expected an intrinsic function as the only member, got several`,
    ],
    ['a join of no list', { 'Fn::Join': ['-', 'ab'] }, `${AT}.Fn::Join[1]: expected a list, got a string`],
    [
      'a join of an object',
      { 'Fn::Join': ['-', ['a', { b: 1 }]] },
      `${AT}.Fn::Join[1][1]: expected a text, got an object`,
    ],
    ['a join by no text', { 'Fn::Join': [{ Ref: 'Fn' }, ['a']] }, `${AT}.Fn::Join[0]: expected a text, got an object`],
    ['a join of too much', { 'Fn::Join': ['-', ['a'], 1] }, `${AT}.Fn::Join: expected a list of 2, got a list`],
    [
      'a position behind the end',
      { 'Fn::Select': [2, ['a', 'b']] },
      `${AT}.Fn::Select: expected a position in a list of 2`,
    ],
    ['a position before the start', { 'Fn::Select': [-1, ['a']] }, `${AT}.Fn::Select: expected a position`],
    ['a split by nothing', { 'Fn::Split': ['', 'ab'] }, `${AT}.Fn::Split[0]: expected a text`],
    [
      'a missing entry of a mapping',
      { 'Fn::FindInMap': ['Sizes', 'big', 'memory'] },
      `${AT}.Fn::FindInMap: expected an entry`,
    ],
    [
      'a missing mapping',
      { 'Fn::FindInMap': ['Prices', 'a', 'b'] },
      `${AT}.Fn::FindInMap: expected a mapping, got Prices`,
    ],
    ['zones of elsewhere', { 'Fn::GetAZs': 'us-east-1' }, `${AT}.Fn::GetAZs: expected the zones of eu-central-1`],
    [
      'an import that nobody exports',
      { 'Fn::ImportValue': 'X' },
      `${AT}.Fn::ImportValue: expected an export of another stack, got no X: synthesize the stack that has it into the same folder`,
    ],
    [
      'an output that no stack has',
      { 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Vpc' } },
      `${AT}.Fn::GetStackOutput: expected an output of another stack, got no Vpc of Other in eu-central-1: synthesize the stack that has it into the same folder`,
    ],
    [
      'an output of a stack in another region',
      { 'Fn::GetStackOutput': { StackName: 'Mine', OutputName: 'Vpc', Region: 'us-east-1' } },
      `${AT}.Fn::GetStackOutput: expected an output of another stack, got no Vpc of Mine in us-east-1`,
    ],
    [
      'an output of a stack without a name',
      { 'Fn::GetStackOutput': { OutputName: 'Vpc' } },
      `${AT}.Fn::GetStackOutput.StackName: expected a text, got none`,
    ],
    [
      'an attribute of an unknown shape',
      { 'Fn::GetAtt': ['Key', 'Weight'] },
      `${AT}.Fn::GetAtt: expected a known attribute, got Key.Weight (AWS::KMS::Key)`,
    ],
    ['an attribute without a name', { 'Fn::GetAtt': 'Key' }, `${AT}.Fn::GetAtt: expected a text, got none`],
    ['a list in a text', { 'Fn::Sub': 'x${AWS::NotificationARNs}' }, `${AT}.Fn::Sub: expected a text, got a list`],
    ['no value in a text', { 'Fn::Sub': 'x${AWS::NoValue}' }, `${AT}.Fn::Sub: expected a text, got none`],
    [
      'a secret by dynamic reference',
      'x{{resolve:secretsmanager:a:SecretString:b}}',
      `${AT}: expected a dynamic reference to ssm, got one to secretsmanager`,
    ],
    [
      'a stored parameter that is missing',
      { a: ['{{resolve:ssm:/a}}'] },
      `${AT}.a[0]: expected /a in Parameter Store, got none`,
    ],
  ])('%s, with its path', (_, value, message) => {
    expect(() => resolved(value, ALL)).toThrowWithCode('TemplateError');
    expect(() => resolved(value, ALL)).toThrow(message);
  });
});

test('a dynamic reference is resolved, also one that an intrinsic function produced', () => {
  const stored = (name: string) => (name === '/a/b' ? 'there' : undefined);
  const value = { 'Fn::Join': ['', ['<{{resolve:ssm:', '/a/b', ':3}}>']] };

  expect(resolved(value, {}, { stored })).toBe('<there>');
});
