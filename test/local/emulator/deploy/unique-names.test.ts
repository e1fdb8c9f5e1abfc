import { expect, test } from '@jest/globals';
import { templatePolicies } from '../../../../local/emulator/deploy/explain';
import { requireUniqueNames } from '../../../../local/emulator/deploy/unique-names';
import { assemblyOf, linkApp, linkOne } from './cloud-assembly';

const stack = (Type: string, Properties: object, more: object = {}) => ({
  template: { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } }, Resources: { It: { Type, Properties, ...more } } },
});

const TRUST = { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } };

test.each([
  ['AWS::IAM::ManagedPolicy', { ManagedPolicyName: 'same' }],
  ['AWS::IAM::Role', { RoleName: 'same', ...TRUST }],
  ['AWS::KMS::Alias', { AliasName: 'alias/same' }],
  ['AWS::Lambda::Function', { FunctionName: 'same' }],
  ['AWS::SSM::Parameter', { Name: '/same' }],
  ['AWS::SecretsManager::Secret', { Name: 'same' }],
])('two stacks with the same name of %s are refused, with both logical ids', (type, properties) => {
  const two = { One: stack(type, properties), Two: stack(type, properties) };

  expect(() => requireUniqueNames(linkApp(two))).toThrow(
    /expected each name of AWS::\S+ once, got \S*same for One\/It, Two\/It: choose with --stack NAME$/,
  );
});

test('the policies of two roles of the same name are not decided on', () => {
  const role = stack('AWS::IAM::Role', { RoleName: 'same', ...TRUST });
  const app = assemblyOf({ One: role, Two: role });

  expect(() => templatePolicies({ app })).toThrow('expected each name of AWS::IAM::Role once');
});

test('names of different types, generated names and names of resources that do not exist may be the same', () => {
  const secret = stack('AWS::SecretsManager::Secret', { Name: 'same' });
  const app = {
    One: secret,
    Two: stack('AWS::SecretsManager::Secret', { Name: 'same' }, { Condition: 'Never' }),
    Three: stack('AWS::Lambda::Function', { FunctionName: 'same' }),
    Four: stack('AWS::IAM::Role', TRUST),
    Five: stack('AWS::IAM::Role', TRUST),
  };

  expect(() => requireUniqueNames(linkApp(app))).not.toThrow();
  expect(() => requireUniqueNames(linkOne('One', app))).not.toThrow();
});
