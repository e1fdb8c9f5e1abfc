import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { ResolvedTemplate } from '../support/iam/resolver';

const KEY = { Type: 'AWS::KMS::Key' };
const ROLE = { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Sub': 'role-of-${AWS::AccountId}' } } };

function resolve(value: unknown) {
  return new ResolvedTemplate(Template.fromJSON({ Resources: { Key: KEY, Other: KEY, Role: ROLE } }), 'Stack').resolve(
    value,
  );
}

describe('a template', () => {
  test.each([
    ['pseudo parameters', { Ref: 'AWS::AccountId' }, '111111111111'],
    ['names that the template gives', { Ref: 'Role' }, 'role-of-111111111111'],
    ['attributes', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::111111111111:role/role-of-111111111111'],
    ['joins', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kms']] }, 'arn:aws:kms'],
    [
      'substitutions',
      { 'Fn::Sub': '${AWS::Region}/${Role.Arn}' },
      'eu-central-1/arn:aws:iam::111111111111:role/role-of-111111111111',
    ],
    ['what holds them', { a: [{ Ref: 'AWS::Partition' }] }, { a: ['aws'] }],
  ])('resolves %s', (_, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  test('gives no two keys one ARN', () => {
    expect(resolve({ 'Fn::GetAtt': ['Key', 'Arn'] })).not.toBe(resolve({ 'Fn::GetAtt': ['Other', 'Arn'] }));
  });

  test.each([
    ['another intrinsic', { 'Fn::ImportValue': 'x' }],
    ['a resource that is not there', { Ref: 'Nobody' }],
    ['an attribute of unknown shape', { 'Fn::GetAtt': ['Key', 'Colour'] }],
  ])('refuses %s', (_, value) => {
    expect(() => resolve(value)).toThrow('expected');
  });
});
