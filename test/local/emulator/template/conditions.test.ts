import { describe, expect, test } from '@jest/globals';
import { resolverOf } from './support';

const YES = { 'Fn::Equals': ['a', 'a'] };
const NO = { 'Fn::Equals': ['a', 'b'] };

function decide(condition: unknown): boolean {
  const Parameters = { Stage: { Type: 'String', Default: 'prod' } };
  return resolverOf({ Parameters, Conditions: { It: condition, Yes: YES, No: NO } }).condition('It', []);
}

describe('a condition', () => {
  test.each([
    ['equal', { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] }, true],
    ['unequal', { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }, false],
    ['equal where one is a number', { 'Fn::Equals': [1, '1'] }, true],
    ['not', { 'Fn::Not': [NO] }, true],
    ['not what holds', { 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    ['all', { 'Fn::And': [YES, { Condition: 'Yes' }] }, true],
    ['not all', { 'Fn::And': [YES, { Condition: 'No' }] }, false],
    ['one of them', { 'Fn::Or': [NO, YES] }, true],
    ['none of them', { 'Fn::Or': [NO, NO, { Condition: 'No' }] }, false],
    ['named', { Condition: 'Yes' }, true],
  ])('%s is decided', (_, condition, expected) => {
    expect(decide(condition)).toBe(expected);
  });

  test.each([
    ['itself', { 'Fn::Not': [{ Condition: 'It' }] }, 'expected an end, got a circle'],
    ['another that is missing', { Condition: 'Other' }, 'expected a condition, got Other'],
    ['one alone', { 'Fn::And': [YES] }, 'expected a list of 2 to 10, got a list'],
    ['an intrinsic that decides nothing', { Ref: 'Stage' }, 'expected one of Fn::Equals'],
    ['a bad one after one that decides', { 'Fn::Or': [YES, { Nonsense: 1 }] }, 'expected one of Fn::Equals'],
    ['two at once', { ...YES, 'Fn::Not': [NO] }, 'expected one of Fn::Equals'],
    ['a truth by itself', true, 'expected one of Fn::Equals'],
  ])('of %s is refused', (_, condition, message) => {
    expect(() => decide(condition)).toThrowWithCode('TemplateError');
    expect(() => decide(condition)).toThrow(message);
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

  test('is no reference', () => {
    expect(() => resolverOf(sections).property('It', 'Gone')).toThrow(
      'Resources.It.Properties.Gone.Fn::GetAtt: expected a resource that its condition lets be, got Gone',
    );
  });
});
