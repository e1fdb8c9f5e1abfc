import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment, StackTemplate } from '../../../../local/emulator/template';
import { openTemplate } from './support';

const stack = (file: string, Parameters: object = {}) => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL: { 'Fn::Sub': `https://s3.\${AWS::Region}.amazonaws.com/assets/${file}` }, Parameters },
  Metadata: { 'aws:asset:path': file },
});

/** Declares a key, and returns its ARN as an output. */
const KEYS = {
  Resources: { Key: { Type: 'AWS::KMS::Key', Properties: { Description: { Ref: 'AWS::StackName' } } } },
  Outputs: { KeyArn: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } } },
};
/** Stores the ARN of a parameter in Parameter Store, and returns it as an output. */
const STORE = {
  Parameters: { Given: { Type: 'String' } },
  Resources: {
    Stored: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/a', Type: 'String', Value: { Ref: 'Given' } } },
  },
  Outputs: { Value: { Value: { Ref: 'Given' } } },
};

function open(Resources: object, deployment: Partial<Deployment> = {}, sections: object = {}): StackTemplate {
  const folder = mkdtempSync(join(tmpdir(), 'template-'));
  const files = {
    'Mine.template.json': { Resources, ...sections },
    'outer.nested.template.json': { Resources: { Keys } },
    'keys.nested.template.json': KEYS,
    'store.nested.template.json': STORE,
  };
  Object.entries(files).map(([name, content]) => writeFileSync(join(folder, name), JSON.stringify(content)));
  return openTemplate(join(folder, 'Mine.template.json'), deployment);
}

const output = (id: string, name: string) => ({ 'Fn::GetAtt': [id, `Outputs.${name}`] });
const Keys = stack('keys.nested.template.json');
const Store = stack('store.nested.template.json', { Given: output('Keys', 'KeyArn') });
const Last = {
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/last', Type: 'String', Value: output('Store', 'Value') },
};

const NEVER = { 'Fn::Equals': ['a', 'b'] };

describe('a nested stack', () => {
  test('receives outputs of another nested stack, and its parent reads its own outputs', () => {
    const parent = open({ Keys, Store, Last });
    const [key] = parent.keys();

    expect(key).toMatchObject({
      logicalId: 'Keys/Key',
      arn: expect.stringMatching(/^arn:aws:kms:eu-central-1:111111111111:key\//),
    });
    expect(parent.storedParameters()).toMatchObject([
      { logicalId: 'Last', value: key?.arn },
      { logicalId: 'Store/Stored', value: key?.arn },
    ]);
    expect(parent.skipped()).toEqual([]);
  });

  test('has a stack name of its own, so that its keys differ from those of another', () => {
    const [first, second] = open({ Keys, Second: Keys }).keys();

    expect(first?.description).toMatch(/^Mine-Keys-[0-9A-F]{12}$/);
    expect(first?.arn).not.toBe(second?.arn);
  });

  test('has its resources named by their path', () => {
    const made = new Map([['Keys/Key', 'mine'], ['Key', 'of the parent']]); // prettier-ignore

    expect(open({ Keys }, { physical: (id) => made.get(id) }).keys()).toMatchObject([{ keyId: 'mine' }]);
  });

  test('may have nested stacks itself, whose names contain its own', () => {
    const parent = open({ Outer: stack('outer.nested.template.json') });

    expect(parent.keys()).toMatchObject([
      {
        logicalId: 'Outer/Keys/Key',
        description: expect.stringMatching(/^Mine-Outer-[0-9A-F]{12}-Keys-[0-9A-F]{12}$/),
      },
    ]);
  });

  test('with a false condition has no resources', () => {
    const parent = open({ Keys: { ...Keys, Condition: 'Never' }, Both: Keys }, {}, { Conditions: { Never: NEVER } });

    expect(parent.keys().map(({ logicalId }) => logicalId)).toEqual(['Both/Key']);
  });

  test('without its template among the assets is skipped', () => {
    const parent = open({ Keys: { ...Keys, Metadata: {} } });

    expect(parent.skipped()).toEqual([{ type: 'AWS::CloudFormation::Stack', logicalId: 'Keys' }]);
  });

  test.each([
    [
      'its own output',
      { Keys, Store: stack('store.nested.template.json', { Given: output('Store', 'Value') }) },
      'expected no circular reference',
    ],
    [
      'an output that is missing',
      { Keys, Store: stack('store.nested.template.json', { Given: output('Keys', 'Never') }) },
      'Outputs.Keys/Never: expected an output of that name',
    ],
    [
      'an output of a stack without its template',
      { Keys: { ...Keys, Metadata: {} }, Store },
      'Parameters.Store/Given.Given.Fn::GetAtt: expected a known attribute, got Keys.Outputs.KeyArn (AWS::CloudFormation::Stack)',
    ],
    [
      'a parameter that it does not have',
      { Keys: stack('keys.nested.template.json', { Typo: 'a' }) },
      'expected a parameter Typo',
    ],
    [
      'no value for a parameter',
      { Store: stack('store.nested.template.json') },
      'Parameters.Store/Given: expected a value to be supplied, got none and no default',
    ],
    [
      'a missing template file',
      { Keys: stack('gone.nested.template.json') },
      'gone.nested.template.json: expected a file that can be read, got none',
    ],
  ])('that has %s is refused', (_, resources, message) => {
    const read = () => open(resources).storedParameters();

    expect(read).toThrowWithCode('TemplateError');
    expect(read).toThrow(message);
  });
});
