import { describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../../../local/emulator/template';
import { resolved } from './support';

const stored = (name: string) => ({ '/size': 'big', '/zones': 'a, b' })[name];

function value(parameter: object, deployment: Partial<Deployment> = {}): unknown {
  return resolved({ Ref: 'Given' }, { Parameters: { Given: parameter } }, deployment);
}

describe('a parameter', () => {
  test.each([
    ['has its default', { Type: 'String', Default: 'a' }, {}, 'a'],
    ['has what is given', { Type: 'String', Default: 'a', Given: 'b' }, {}, 'b'],
    ['has an empty value that is given', { Type: 'String', Default: 'a', Given: '' }, {}, ''],
    ['has the value of an expression', { Type: 'String', Given: { Ref: 'AWS::Region' } }, {}, 'eu-central-1'],
    [
      'is a list of expressions',
      { Type: 'CommaDelimitedList', Given: [{ Ref: 'AWS::Region' }, 'b'] },
      {},
      ['eu-central-1', 'b'],
    ],
    ['converts a number to a text', { Type: 'Number', Default: 3 }, {}, '3'],
    ['is a list', { Type: 'CommaDelimitedList', Default: 'a, b' }, {}, ['a', 'b']],
    ['is a typed list', { Type: 'List<AWS::EC2::Subnet::Id>', Given: 'x,y' }, {}, ['x', 'y']],
    ['is looked up', { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/size' }, { stored }, 'big'],
    [
      'is a list looked up',
      { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/zones' },
      { stored },
      ['a', 'b'],
    ],
    ['is one of those allowed', { Type: 'String', AllowedValues: ['a', 'b'], Given: 'b' }, {}, 'b'],
    ['fits its pattern', { Type: 'String', AllowedPattern: '[a-z]+', Given: 'b' }, {}, 'b'],
  ])('%s', (_, parameter, deployment, expected) => {
    expect(value(parameter, deployment)).toEqual(expected);
  });

  test.each([
    ['nothing', { Type: 'String' }, {}, 'Parameters.Given: expected a value to be supplied, got none and no default'],
    [
      'what is not allowed',
      { Type: 'String', AllowedValues: ['a'], Default: 'c' },
      {},
      'expected one of the allowed values',
    ],
    [
      'what does not fit',
      { Type: 'String', AllowedPattern: '[a-z]+', Default: 'a1' },
      {},
      'expected a value that the allowed pattern matches',
    ],
    ['a text as a number', { Type: 'Number', Default: 'many' }, {}, 'expected a number'],
    [
      'what is not stored',
      { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/none' },
      { stored },
      'expected /none in Parameter Store, got none',
    ],
  ])('of %s is refused', (_, parameter, deployment, message) => {
    expect(() => value(parameter, deployment)).toThrowWithCode('TemplateError');
    expect(() => value(parameter, deployment)).toThrow(message);
  });

  test('is never quoted when it is refused', () => {
    const parameter = { Type: 'String', NoEcho: true, AllowedPattern: '\\d+', Given: 'hunter2' };

    expect(() => value(parameter)).toThrow(/^(?!.*hunter2)/);
  });
});
