import { describe, expect, test } from '@jest/globals';
import { readStatements, writtenStatements } from './statements';
import { templateOf } from './support';

const statement = (Sid: string) => ({ Sid, Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
const policy = (...sids: string[]) => ({ Version: '2012-10-17', Statement: sids.map(statement) });
const TRUST = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
};

/** A role with a policy of every kind. */
const RESOURCES = {
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: TRUST,
      Policies: [{ PolicyName: 'inside', PolicyDocument: policy('Inside') }],
      ManagedPolicyArns: [
        { Ref: 'NamedByRole' },
        { 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' },
        'arn:aws:iam::111111111111:policy/elsewhere',
      ],
      PermissionsBoundary: { Ref: 'Boundary' },
      MaxSessionDuration: 7200,
    },
  },
  Other: {
    Type: 'AWS::IAM::Role',
    Properties: { AssumeRolePolicyDocument: TRUST, PermissionsBoundary: 'arn:aws:iam::aws:policy/X' },
  },
  Attached: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'attached', PolicyDocument: policy('Attached'), Roles: [{ Ref: 'Role' }] },
  },
  OfBoth: {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { PolicyDocument: policy('OfBoth'), Roles: [{ Ref: 'Role' }, { Ref: 'Other' }] },
  },
  NamedByRole: {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { ManagedPolicyName: 'named', PolicyDocument: policy('NamedByRole') },
  },
  Beside: {
    Type: 'AWS::IAM::RolePolicy',
    Properties: { PolicyName: 'beside', RoleName: { Ref: 'Role' }, PolicyDocument: policy('Beside') },
  },
  Boundary: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: policy('Boundary') } },
  Theirs: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'theirs', PolicyDocument: policy('One', 'Two'), Roles: ['imported'] },
  },
};

describe('a role', () => {
  const vault = templateOf(RESOURCES);
  const [role, other] = vault.roles();

  test('has its policies of every kind', () => {
    const sids = role?.policies.map(({ logicalId, document }) => [logicalId, document.Statement[0]?.Sid]);

    expect(sids).toEqual([
      ['Role', 'Inside'],
      ['Attached', 'Attached'],
      ['Beside', 'Beside'],
      ['OfBoth', 'OfBoth'],
      ['NamedByRole', 'NamedByRole'],
    ]);
    expect(other?.policies.map(({ logicalId }) => logicalId)).toEqual(['OfBoth']);
  });

  test('lists the managed policies that the template lacks', () => {
    expect(role).toMatchObject({
      awsManaged: ['service-role/AWSLambdaBasicExecutionRole'],
      externalPolicies: ['arn:aws:iam::111111111111:policy/elsewhere'],
      maximumSessionSeconds: 7200,
    });
  });

  test('has its boundary, with the document if the template contains it', () => {
    expect(role?.boundary?.document?.Statement).toEqual([statement('Boundary')]);
    expect(other?.boundary).toEqual({ arn: 'arn:aws:iam::aws:policy/X', document: undefined });
  });

  test('keeps every statement, also those of a role outside of the template', () => {
    expect(readStatements(vault)).toHaveLength(writtenStatements(vault.resolver.template));
    expect(vault.policies().find(({ name }) => name === 'theirs')).toMatchObject({
      roles: ['imported'],
      arn: undefined,
    });
  });
});

describe('a policy', () => {
  const read = (document: unknown) =>
    templateOf({ Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: document } } }).keys()[0]?.policy;

  test('has booleans and numbers as IAM compares them', () => {
    const Condition = { Bool: { 'aws:SecureTransport': false }, NumericLessThan: { 'kms:X': [30] } };

    expect(
      read({ Statement: [{ Effect: 'Deny', Action: '*', Principal: '*', Resource: '*', Condition }] }),
    ).toMatchObject({
      Statement: [{ Condition: { Bool: { 'aws:SecureTransport': 'false' }, NumericLessThan: { 'kms:X': ['30'] } } }],
    });
  });

  test.each([
    [
      'an effect of its own',
      { Statement: [{ Effect: 'allow' }] },
      'Statement[0].Effect: expected ("Allow" | "Deny"), got a string',
    ],
    ['no effect', { Statement: { Action: '*' } }, 'Statement[0].Effect: expected "Effect", got none'],
    ['a misspelt member', { Statement: [{ Effect: 'Deny', Actions: '*' }] }, 'Statement[0].Actions: expected never'],
    ['an object for an action', { Statement: [{ Effect: 'Deny', Action: { a: 1 } }] }, 'Statement[0].Action: expected'],
    [
      'an object among resources',
      { Statement: [{ Effect: 'Deny', Resource: ['a', { b: 1 }] }] },
      'Statement[0].Resource: expected',
    ],
    [
      'a principal that is none',
      { Statement: [{ Effect: 'Deny', Principal: 'arn:x' }] },
      'Statement[0].Principal: expected',
    ],
    [
      'a condition without keys',
      { Statement: [{ Effect: 'Deny', Condition: { Bool: 'x' } }] },
      'Statement[0].Condition.Bool: expected an object',
    ],
    [
      'a condition in a list',
      { Statement: [{ Effect: 'Deny', Condition: [] }] },
      'Statement[0].Condition: expected an object',
    ],
    ['no statements', { Version: '2012-10-17' }, 'Statement: expected "Statement", got none'],
    ['a version of its own', { Version: '2024-01-01', Statement: [] }, 'Version: expected'],
  ])('with %s is refused', (_, document, message) => {
    expect(() => read(document)).toThrowWithCode('TemplateError');
    expect(() => read(document)).toThrow(`mine.template.json: Resources.Key.Properties.KeyPolicy.${message}`);
  });
});
