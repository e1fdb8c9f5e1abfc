import { describe, expect, test } from '@jest/globals';
import { explainTemplate } from '../../../../local/emulator/deploy';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import { assemblyOf, holder, linkApp, linkOne, published } from './cloud-assembly';

const KEY = { Type: 'AWS::KMS::Key', Properties: {} };
const BUCKET = { Type: 'AWS::S3::Bucket', Properties: {} };
const exported = (Value: unknown, Name: unknown) => ({ Value, Export: { Name } });
const HERE = '444455556666/eu-central-1';
const ELSEWHERE = '444455556666/us-east-1';

/** Sections of each kind; every stack of these tests may have the same names. */
const SECTIONS = {
  Parameters: { Size: { Type: 'String', Default: 'small' }, List: { Type: 'CommaDelimitedList', Default: 'a, b' } },
  Mappings: { Sizes: { small: { memory: 128 } } },
  Conditions: {
    Small: { 'Fn::Equals': [{ Ref: 'Size' }, 'small'] },
    Large: { 'Fn::Not': [{ Condition: 'Small' }] },
    Any: { 'Fn::Or': [{ Condition: 'Small' }, { Condition: 'Large' }] },
  },
};

describe('a linked stack', () => {
  test.each([
    ['Ref of a resource', { Ref: 'Bucket' }, /^second-bucket-[0-9a-f]{12}$/],
    ['Ref of a parameter', { Ref: 'Size' }, /^small$/],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, /^us-east-1$/],
    ['Ref of its name', { Ref: 'AWS::StackName' }, /^Second$/],
    ['Ref of its id', { Ref: 'AWS::StackId' }, /:stack\/Second\//],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, /^arn:aws:s3:::second-bucket-/],
    ['Fn::GetAtt as a text', { 'Fn::GetAtt': 'Bucket.Arn' }, /^arn:aws:s3:::second-bucket-/],
    ['Fn::Sub of a resource', { 'Fn::Sub': '<${Bucket}>' }, /^<second-bucket-/],
    ['Fn::Sub of an attribute', { 'Fn::Sub': '<${ Bucket.Arn }>' }, /^<arn:aws:s3:::second-bucket-/],
    ['Fn::Sub of its name', { 'Fn::Sub': '${AWS::StackName}/${AWS::Region}' }, /^Second\/us-east-1$/],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!Bucket}' }, /^\$\{Bucket\}$/],
    [
      'Fn::Sub with variables of its own',
      { 'Fn::Sub': ['${Bucket} ${x} ${Size}', { Bucket: 'mine', x: { Ref: 'Bucket' } }] },
      /^mine second-bucket-[0-9a-f]+ small$/,
    ],
    ['Fn::If', { 'Fn::If': ['Small', { Ref: 'Size' }, 'x'] }, /^small$/],
    ['Fn::If of a negated condition', { 'Fn::If': ['Large', 'x', { Ref: 'Size' }] }, /^small$/],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'memory'] }, /^128$/],
    ['Fn::FindInMap of a computed map', { 'Fn::FindInMap': [{ 'Fn::Sub': 'Sizes' }, 'small', 'memory'] }, /^128$/],
    [
      'a Condition of a policy',
      { Statement: { Condition: { Bool: {} } } },
      /^\{"Statement":\{"Condition":\{"Bool":\{\}\}\}\}$/,
    ],
    ['a member with the name of a method of objects', { toString: { Ref: 'Size' } }, /^\{"toString":"small"\}$/],
    ['Fn::Join of a list parameter', { 'Fn::Join': ['-', { Ref: 'List' }] }, /^a-b$/],
  ])('a linked stack keeps the meaning of %s', (_what, value, expected) => {
    const stack = { template: { ...SECTIONS, Resources: { Bucket: BUCKET, It: holder(value, { Condition: 'Any' }) } } };
    const { template } = linkApp({ First: stack, Second: stack });
    const found = template.resolver.property('Second/It', 'Value');

    expect(JSON.stringify(found).replace(/^"|"$/g, '')).toMatch(expected);
  });

  test('a linked stack has the physical names that it has by itself', () => {
    const stacks = {
      Mine: { template: { Resources: { Key: KEY, Bucket: BUCKET } } },
      Other: { template: { Resources: { Key: KEY } } },
    };
    const alone = linkOne('Mine', stacks).template;
    const { template } = linkApp(stacks);
    const names = (of: typeof template, prefix: string) => [
      of.resolver.name(`${prefix}Key`, 'Arn'),
      of.resolver.name(`${prefix}Bucket`),
    ];

    expect(names(template, 'Mine/')).toEqual(names(alone, ''));
    expect(template.resolver.name('Other/Key')).not.toBe(template.resolver.name('Mine/Key'));
  });

  test('a linked stack keeps its logical ids if it is the template, and gets its name before them in an app', () => {
    const stacks = { Mine: { template: { Resources: { Key: KEY } } } };

    expect(linkOne('Mine', stacks).template.keys()).toMatchObject([{ logicalId: 'Key' }]);
    expect(linkApp(stacks).template.keys()).toMatchObject([{ logicalId: 'Mine/Key' }]);
  });

  test('a linked stack has its name in errors', () => {
    const { template } = linkApp({ Mine: { template: { Resources: { It: holder({ 'Fn::Nonsense': [] }) } } } });

    expect(() => template.resolver.property('Mine/It', 'Value')).toThrow('Resources.Mine/It.Properties.Value');
  });
});

describe('a template', () => {
  const Shared = {
    template: {
      Parameters: { Name: { Type: 'String', Default: 'shared-key' } },
      Resources: { Key: KEY },
      Outputs: {
        Key: exported({ 'Fn::GetAtt': ['Key', 'Arn'] }, { 'Fn::Sub': '${AWS::StackName}:${Name}' }),
        Plain: { Value: { Ref: 'AWS::StackName' } },
      },
    },
  };
  const imports = (name: unknown) => ({ template: { Resources: { It: holder({ 'Fn::ImportValue': name }) } } });

  test('a template is linked with the stack whose export it imports, by a name that both compute', () => {
    const Mine = imports({ 'Fn::Join': [':', ['Shared', 'shared-key']] });
    const { template } = linkOne('Mine', { Mine, Shared, Unneeded: { template: { Resources: { Key: KEY } } } });

    expect(template.keys().map(({ logicalId }) => logicalId)).toEqual(['Shared/Key']);
    expect(template.resolver.property('It', 'Value')).toBe(template.keys()[0]?.arn);
  });

  test('a template is linked with the stacks that those need', () => {
    const Middle = {
      template: {
        Resources: { Key: KEY },
        Outputs: { Again: exported({ 'Fn::ImportValue': 'Shared:shared-key' }, 'again') },
      },
    };
    const { template } = linkOne('Mine', { Mine: imports('again'), Middle, Shared });

    const [first, second] = template.keys();
    expect([first?.logicalId, second?.logicalId]).toEqual(['Middle/Key', 'Shared/Key']);
    expect(template.resolver.property('It', 'Value')).toBe(second?.arn);
  });

  test('a template is linked with the stack whose output it gets', () => {
    const value = { 'Fn::GetStackOutput': { StackName: 'Shared', OutputName: 'Plain' } };
    const { template } = linkOne('Mine', { Mine: { template: { Resources: { It: holder(value) } } }, Shared });

    expect(template.resolver.property('It', 'Value')).toBe('Shared');
  });

  test.each([
    ['a parameter', { Ref: 'Looked' }],
    ['a dynamic reference', '{{resolve:ssm:/team/key}}'],
  ])('a template is linked with the stack that publishes what it looks up by %s', (_how, value) => {
    const Parameters = { Looked: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/team/key' } };
    const Publisher = {
      template: { Resources: { Key: KEY, Named: published('/team/key', { 'Fn::GetAtt': ['Key', 'Arn'] }) } },
    };
    const { template } = linkOne('Mine', {
      Mine: { template: { Parameters, Resources: { It: holder(value) } } },
      Publisher,
    });

    expect(template.resolver.property('It', 'Value')).toBe(template.keys()[0]?.arn);
  });

  test.each([
    ['that is given', {}, { ssmParameters: { '/a': 'given' } }, 'given'],
    ['that a stack of another region publishes', { environment: ELSEWHERE }, {}, undefined],
  ])('a template is not linked for a parameter %s', (_what, place, options, expected) => {
    const Mine = { template: { Resources: { It: holder('{{resolve:ssm:/a}}') } }, environment: HERE };
    const Publisher = { template: { Resources: { Key: KEY, A: published('/a', 'published') } }, ...place };
    const { template } = linkOne('Mine', { Mine, Publisher }, options);

    expect(template.keys()).toEqual([]);
    expect(template.resolver.stored('/a')).toBe(expected);
  });

  test('a template whose import no stack exports is refused, with what to do', () => {
    const { template } = linkOne('Mine', { Mine: imports('never'), Shared });

    expect(() => template.resolver.property('It', 'Value')).toThrow(
      'Resources.It.Properties.Value.Fn::ImportValue: expected an export of another stack, got no never: synthesize the stack that has it into the same folder',
    );
  });

  test('a template is refused if the stack that it needs is in another region, with both', () => {
    const Mine = { ...imports('Shared:shared-key'), environment: HERE };

    expect(() => linkOne('Mine', { Mine, Shared: { ...Shared, environment: ELSEWHERE } })).toThrow(
      /expected all stacks in account 444455556666 and region eu-central-1, got Shared \(444455556666, us-east-1\)$/,
    );
  });

  test('a template prefers the stack of its own region among those that export the same name', () => {
    const from = (value: string) => ({ Resources: {}, Outputs: { Key: exported(value, 'name') } });
    const There = { environment: ELSEWHERE, template: from('there') };
    const Here = { environment: HERE, template: from('here') };
    const { template } = linkOne('Mine', { Mine: { ...imports('name'), environment: HERE }, There, Here });

    expect(template.resolver.property('It', 'Value')).toBe('here');
  });

  test("a template ignores another stack that can't be read", () => {
    const Broken = { template: { Transform: 'AWS::Serverless-2016-10-31', Resources: {} } };

    expect(linkOne('Mine', { Mine: imports('Shared:shared-key'), Broken, Shared }).stacks).toBeUndefined();
  });

  test('a template has no stack that publishes a parameter whose own name is looked up', () => {
    const Parameters = { Looked: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a' } };
    const Mine = { template: { Parameters, Resources: { It: published({ Ref: 'Looked' }, 'x') } } };
    const { template } = linkOne('Mine', { Mine });

    expect(() => template.storedParameters()).toThrow('expected /a in Parameter Store, got none');
  });
});

describe('an app', () => {
  const one = { template: { Resources: { Key: KEY } } };
  const refused = (stacks: Parameters<typeof linkApp>[0], options = {}) => expect(() => linkApp(stacks, options));

  test('an app consists of the chosen stacks and of those that they need', () => {
    const Shared = { template: { Resources: { Key: KEY }, Outputs: { Key: exported({ Ref: 'Key' }, 'key') } } };
    const User = { template: { Resources: { It: holder({ 'Fn::ImportValue': 'key' }) } } };

    expect(linkApp({ User, Unneeded: one, Shared }, { stacks: ['User'] }).stacks).toEqual(['User', 'Shared']);
    expect(linkApp({ User, Unneeded: one, Shared }).stacks).toEqual(['User', 'Unneeded', 'Shared']);
  });

  test('an app has each stack after those that it depends on, as a deploy needs for its triggers', () => {
    const stacks = {
      First: { ...one, dependencies: ['Second', 'Second.assets'] },
      Second: { ...one, dependencies: ['Third'] },
      Third: one,
    };
    const ids = linkApp(stacks)
      .template.keys()
      .map(({ logicalId }) => logicalId);

    expect(ids).toEqual(['Third/Key', 'Second/Key', 'First/Key']);
  });

  test('an app whose stacks depend on each other, which the CDK writes for none, has each stack once', () => {
    const { stacks } = linkApp({ A: { ...one, dependencies: ['B'] }, B: { ...one, dependencies: ['A'] } });

    expect([...(stacks ?? [])].sort()).toEqual(['A', 'B']);
  });

  test('an app has a role by its logical id only if one stack has it', async () => {
    const AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [] };
    const stack = { template: { Resources: { Caller: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument } } } } }; // prettier-ignore
    const asked = { action: 'kms:ListKeys', resource: '*', context: {} };
    const explained = (app: string, principal: string) => explainTemplate({ app }, { ...asked, principal });
    const both = assemblyOf({ One: stack, Two: stack });

    await expect(explained(assemblyOf({ One: stack }), 'Caller')).resolves.toMatchObject({ allowed: false });
    await expect(explained(both, 'Two/Caller')).resolves.toMatchObject({ allowed: false });
    await expect(explained(both, 'Caller')).rejects.toThrow(
      'expected one role, got One/Caller, Two/Caller: name its stack',
    );
  });

  test('an app has the account and region of its stacks, also for those that can be deployed anywhere', () => {
    const { place } = linkApp({ One: one, Two: { ...one, environment: HERE } });

    expect(place).toMatchObject({ account: '444455556666', region: 'eu-central-1' });
  });

  test('an app of several regions is refused, with the stacks of each and the option to choose', () => {
    refused({ One: { ...one, environment: HERE }, Two: { ...one, environment: ELSEWHERE }, Three: one }).toThrow(
      /expected stacks of one account and region, got One \(444455556666, eu-central-1\); Two \(444455556666, us-east-1\); Three \(any account, any region\): choose with --stack NAME$/,
    );
  });

  test.each([
    ['without a stack', {}, {}, 'expected a stack of the app (none), got none'],
    ['without the chosen stack', { One: one }, { stacks: ['Two'] }, 'expected a stack of the app (One), got Two'],
    [
      'with an error of a construct',
      { One: { ...one, metadata: { '/One/Vpc': [{ type: 'aws:cdk:error', data: 'no zones' }] } } },
      {},
      'expected an app without errors, got /One/Vpc: no zones',
    ],
    [
      'with two stacks of one name',
      { One: one, Two: { ...one, stackName: 'One' } },
      {},
      'expected each logical id once, got One/Key twice',
    ],
    [
      'with a value for a parameter that no stack has',
      { One: one },
      { parameters: { Typo: 'a' } },
      'expected a parameter of a stack, got Typo',
    ],
  ])('an app %s is refused', (_what, stacks, options, message) => {
    refused(stacks, options).toThrowWithCode('TemplateError');
    refused(stacks, options).toThrow(message);
  });

  test('an app and a template, or neither, are refused', () => {
    const refusedSource = (source: object) => expect(() => readStack(source, new PhysicalNames()));

    refusedSource({ app: 'a', template: 'b' }).toThrow('expected a template or an app, got both');
    refusedSource({}).toThrow('expected a template or an app, got neither');
  });

  test('an app that is no cloud assembly is refused', () => {
    expect(() => readStack({ app: '/nowhere' }, new PhysicalNames())).toThrow(
      '/nowhere: expected a folder with manifest.json, as `cdk synth` writes it, got none',
    );
  });
});
