import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTemplate } from '../../../../local/emulator/template';

function fileOf(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'template-')), 'Mine.template.json');
  writeFileSync(file, content);
  return file;
}

const of = (Properties: object, sections: object = {}) =>
  JSON.stringify({ Resources: { It: { Type: 'My::Own::Type', Properties } }, ...sections });

describe('a file is refused, in one line with its name and the path, if it', () => {
  test.each([
    ['is not JSON', '{"Resources": ', 'expected JSON, as `cdk synth` writes it, got something else'],
    ['is YAML', 'Resources:\n  It:\n    Type: AWS::KMS::Key\n', 'expected JSON, as `cdk synth` writes it'],
    ['is a list', '[]', 'Resources: expected "Resources", got none'],
    ['has no resources', '{}', 'Resources: expected "Resources", got none'],
    ['has a resource without a type', '{"Resources":{"It":{}}}', 'Resources.It.Type: expected "Type", got none'],
    [
      'has a type that is no text',
      '{"Resources":{"It":{"Type":1}}}',
      'Resources.It.Type: expected string, got a number',
    ],
    [
      'has properties in a list',
      '{"Resources":{"It":{"Type":"A","Properties":[]}}}',
      'Resources.It.Properties: expected an object, got a list',
    ],
    [
      'is for a macro',
      of({}, { Transform: ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31'] }),
      'Transform: expected a template without macros, got AWS::Serverless-2016-10-31',
    ],
    [
      'refers to nothing',
      of({ a: [{ Ref: 'Other' }] }),
      'Resources.It.Properties.a[0].Ref: expected a resource, a parameter or a pseudo parameter, got Other',
    ],
    ['refers to an unknown pseudo parameter', of({ a: { Ref: 'AWS::Planet' } }), 'got AWS::Planet'],
    ['refers to a member of every JavaScript object', of({ a: { Ref: 'toString' } }), 'got toString'],
    [
      'wants an attribute of nothing',
      of({ a: { 'Fn::GetAtt': ['Other', 'Arn'] } }),
      'a.Fn::GetAtt: expected the logical id of a resource, got Other',
    ],
    [
      'wants an attribute of nothing, in one text',
      of({ a: { 'Fn::GetAtt': 'Other.Arn' } }),
      'a.Fn::GetAtt: expected the logical id of a resource, got Other',
    ],
    [
      'substitutes an unknown name',
      of({ a: { 'Fn::Sub': 'x${Other}' } }),
      'a.Fn::Sub: expected a resource, a parameter or a pseudo parameter, got Other',
    ],
    [
      'substitutes an attribute of an unknown resource',
      of({ a: { 'Fn::Sub': ['${b}${Other.Arn}', { b: 1 }] } }),
      'a.Fn::Sub: expected the logical id of a resource, got Other',
    ],
    [
      'waits for nothing',
      '{"Resources":{"It":{"Type":"A","DependsOn":["Other"]}}}',
      'Resources.It.DependsOn: expected the logical id of a resource, got Other',
    ],
    [
      'has an unknown condition',
      '{"Resources":{"It":{"Type":"A","Condition":"Other"}}}',
      'Resources.It.Condition: expected the name of a condition, got Other',
    ],
    [
      'chooses by no condition',
      of({ a: { 'Fn::If': ['Other', 1, 2] } }),
      'expected the name of a condition, got Other',
    ],
    [
      'puts out nothing',
      of({}, { Outputs: { Out: { Value: { Ref: 'Other' } } } }),
      'Outputs.Out.Value.Ref: expected a resource',
    ],
    [
      'makes all properties up',
      of({ 'Fn::Transform': { Name: 'AWS::Include' } }),
      'Resources.It.Properties: expected names of properties, got Fn::Transform',
    ],
  ])('%s', (_, content, message) => {
    const file = fileOf(content);

    expect(() => readTemplate(file)).toThrowWithCode('TemplateError');
    expect(() => readTemplate(file)).toThrow(`${file}: `);
    expect(() => readTemplate(file)).toThrow(message);
    expect(() => readTemplate(file)).toThrow(/^[^\n]*$/);
  });

  test('is missing', () => {
    expect(() => readTemplate('/nowhere/Mine.template.json')).toThrow(
      '/nowhere/Mine.template.json: expected a file that can be read, got none',
    );
  });
});

test('a file that is not JSON is not quoted', () => {
  const file = fileOf('{"Password": hunter2');

  expect(() => readTemplate(file)).toThrow(/^(?!.*hunter2)/);
});

test('a literal of Fn::Sub refers to nothing', () => {
  expect(() => readTemplate(fileOf(of({ a: { 'Fn::Sub': '${!Other}' } })))).not.toThrow();
});
