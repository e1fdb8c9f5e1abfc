import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Deployment, StackTemplate } from '../../../../local/emulator/template';
import { DEPLOYMENT } from './support';

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

function open(Resources: object, deployment: Partial<Deployment> = {}): StackTemplate {
  const folder = mkdtempSync(join(tmpdir(), 'template-'));
  const files = {
    'Mine.template.json': { Resources },
    'keys.nested.template.json': KEYS,
    'store.nested.template.json': STORE,
  };
  Object.entries(files).map(([name, content]) => writeFileSync(join(folder, name), JSON.stringify(content)));
  return StackTemplate.open(join(folder, 'Mine.template.json'), { ...DEPLOYMENT, ...deployment });
}

const output = (id: string, name: string) => ({ 'Fn::GetAtt': [id, `Outputs.${name}`] });
const Keys = stack('keys.nested.template.json');
const Store = stack('store.nested.template.json', { Given: output('Keys', 'KeyArn') });
const Last = {
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/last', Type: 'String', Value: output('Store', 'Value') },
};

describe('a nested stack', () => {
  test('receives outputs of another nested stack, and its parent reads its own outputs', () => {
    const parent = open({ Keys, Store, Last });
    const [keys, store] = parent.nestedStacks().map((part) => parent.nested(part));
    const arn = keys?.keys()[0]?.arn;

    expect(arn).toMatch(/^arn:aws:kms:eu-central-1:111111111111:key\//);
    expect(store?.storedParameters()).toMatchObject([{ value: arn }]);
    expect(parent.storedParameters()).toMatchObject([{ value: arn }]);
  });

  test('has a stack name of its own, so that its keys differ from those of another', () => {
    const parent = open({ Keys, Second: Keys });
    const [first, second] = parent.nestedStacks().map((part) => parent.nested(part).keys()[0]);

    expect(first?.description).toMatch(/^Mine-Keys-[0-9A-F]{12}$/);
    expect(first?.arn).not.toBe(second?.arn);
  });

  test('has its resources named by their path', () => {
    const made = new Map([['Keys/Key', 'mine'], ['Key', 'of the parent']]); // prettier-ignore
    const parent = open({ Keys }, { physical: (id) => made.get(id) });

    expect(parent.nestedStacks().map((part) => parent.nested(part).keys()[0]?.keyId)).toEqual(['mine']);
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
      'Outputs.Never: expected an output of that name',
    ],
    [
      'a parameter that it does not have',
      { Keys: stack('keys.nested.template.json', { Typo: 'a' }) },
      'expected a parameter Typo',
    ],
    [
      'no template',
      { Keys: { ...Keys, Metadata: {} } },
      "Resources.Keys.Properties.TemplateURL: expected a template among the synth's assets, got none for keys.nested.template.json",
    ],
    [
      'a missing template file',
      { Keys: stack('gone.nested.template.json') },
      'gone.nested.template.json: expected a file that can be read, got none',
    ],
  ])('that has %s is refused', (_, resources, message) => {
    const parent = open(resources);
    const read = () => parent.nestedStacks().map((part) => parent.nested(part));

    expect(read).toThrowWithCode('TemplateError');
    expect(read).toThrow(message);
  });
});
