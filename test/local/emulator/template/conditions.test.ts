import { describe, expect, test } from '@jest/globals';
import { resolverOf } from './support';

const YES = { 'Fn::Equals': ['a', 'a'] };
const NO = { 'Fn::Equals': ['a', 'b'] };

function evaluate(condition: unknown): boolean {
  const Parameters = { Stage: { Type: 'String', Default: 'prod' } };
  return resolverOf({ Parameters, Conditions: { It: condition, Yes: YES, No: NO } }).condition('It', []);
}

describe('a condition', () => {
  test.each([
    ['equal', { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] }, true],
    ['unequal', { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }, false],
    ['equal, with a number on one side', { 'Fn::Equals': [1, '1'] }, true],
    ['not', { 'Fn::Not': [NO] }, true],
    ['not a true condition', { 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    ['all', { 'Fn::And': [YES, { Condition: 'Yes' }] }, true],
    ['not all', { 'Fn::And': [YES, { Condition: 'No' }] }, false],
    ['one of them', { 'Fn::Or': [NO, YES] }, true],
    ['none of them', { 'Fn::Or': [NO, NO, { Condition: 'No' }] }, false],
    ['named', { Condition: 'Yes' }, true],
  ])('%s is evaluated', (_, condition, expected) => {
    expect(evaluate(condition)).toBe(expected);
  });

  test.each([
    ['itself', { 'Fn::Not': [{ Condition: 'It' }] }, 'expected no circular reference'],
    ['another that is missing', { Condition: 'Other' }, 'expected a condition, got Other'],
    ['only one', { 'Fn::And': [YES] }, 'expected a list of 2 to 10, got a list'],
    ['an intrinsic function that is not a condition', { Ref: 'Stage' }, 'expected one of Fn::Equals'],
    ['an invalid one after a true one', { 'Fn::Or': [YES, { Nonsense: 1 }] }, 'expected one of Fn::Equals'],
    ['two at once', { ...YES, 'Fn::Not': [NO] }, 'expected one of Fn::Equals'],
    ['only a boolean', true, 'expected one of Fn::Equals'],
  ])('of %s is refused', (_, condition, message) => {
    expect(() => evaluate(condition)).toThrowWithCode('TemplateError');
    expect(() => evaluate(condition)).toThrow(message);
  });
});

describe('a resource whose condition does not hold', () => {
  const sections = {
    Conditions: { No: NO, Yes: YES },
    Resources: {
      Gone: { Type: 'AWS::KMS::Key', Condition: 'No' },
      Here: { Type: 'AWS::KMS::Key', Condition: 'Yes' },
      It: { Type: 'My::Own::Type', Properties: { Gone: { 'Fn::GetAtt': ['Gone', 'Arn'] } } },
    },
  };

  test('does not exist', () => {
    const resolver = resolverOf(sections);

    expect(['Gone', 'Here', 'Never'].map((id) => resolver.exists(id))).toEqual([false, true, false]);
  });

  test('cannot be referenced', () => {
    expect(() => resolverOf(sections).property('It', 'Gone')).toThrow(
      'Resources.It.Properties.Gone.Fn::GetAtt: expected a resource with a true condition, got Gone',
    );
  });
});
