import { describe, expect, test } from '@jest/globals';
import { type Context, type PolicyStatement, decide } from '../../../../local/emulator/authorization';
import { CALLER, KEY, ROLE, ROOT, decrypt, of, on, outcome, policy, under } from './support';

type Condition = NonNullable<PolicyStatement['Condition']>;

const PAIR = 'kms:EncryptionContext:environment';
const PAIRS = 'kms:EncryptionContextKeys';

/** Returns true if a key with a condition allows the role's call. */
async function allowedUnder(condition: Condition, context: Context): Promise<boolean> {
  const resource = policy('Key', of(ROLE, 'kms:Decrypt', { Condition: condition }));
  return (await decide(decrypt(context), under({ resource }))).allowed;
}

describe('a condition', () => {
  test.each<[string, Condition, Context, boolean]>([
    ['on a pair, met', { StringEquals: { [PAIR]: 'prod' } }, { [PAIR]: 'prod' }, true],
    ['on a pair, not met', { StringEquals: { [PAIR]: 'prod' } }, { [PAIR]: 'dev' }, false],
    ['on a pair, missing', { StringEquals: { [PAIR]: 'prod' } }, {}, false],
    [
      'on a pair whose name is written otherwise',
      { StringEquals: { 'kms:EncryptionContext:Environment': 'prod' } },
      { [PAIR]: 'prod' },
      true,
    ],
    [
      'on a pair with colons in its name',
      { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:*:*:log-group:/vault/*' } },
      { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-central-1:1:log-group:/vault/a' },
      true,
    ],
    [
      'on a pair with slashes in its name',
      { StringEquals: { 'kms:EncryptionContext:a/b': 'x' } },
      { 'kms:EncryptionContext:a/b': 'x' },
      true,
    ],
    [
      'on a pair with slashes in its name, not met',
      { StringEquals: { 'kms:EncryptionContext:a/b': 'x' } },
      { 'kms:EncryptionContext:a/c': 'x' },
      false,
    ],
    ['for all values, met', { 'ForAllValues:StringEquals': { [PAIRS]: ['a', 'b'] } }, { [PAIRS]: ['b'] }, true],
    [
      'for all values, one too many',
      { 'ForAllValues:StringEquals': { [PAIRS]: ['a', 'b'] } },
      { [PAIRS]: ['a', 'c'] },
      false,
    ],
    ['for all values, of which there are none', { 'ForAllValues:StringEquals': { [PAIRS]: ['a'] } }, {}, true],
    ['for any value, met', { 'ForAnyValue:StringEquals': { [PAIRS]: ['a'] } }, { [PAIRS]: ['c', 'a'] }, true],
    ['for any value, of which there are none', { 'ForAnyValue:StringEquals': { [PAIRS]: ['a'] } }, {}, false],
    ['plain on a list never matches', { StringEquals: { [PAIRS]: ['a'] } }, { [PAIRS]: ['a'] }, false],
    ['that a key is there', { Null: { [PAIRS]: 'false' } }, { [PAIRS]: ['a'] }, true],
    ['that a key is there, missing', { Null: { [PAIRS]: 'false' } }, {}, false],
    ['that a key is missing', { Null: { [PAIR]: 'true' } }, {}, true],
    ['that a key is missing, there', { Null: { [PAIR]: 'true' } }, { [PAIR]: 'x' }, false],
    ['not equal, met', { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }, { 'aws:SourceVpc': 'vpc-2' }, true],
    ['not equal, not met', { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }, { 'aws:SourceVpc': 'vpc-1' }, false],
    ['not equal, the key missing', { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }, {}, true],
    ['if the key exists, missing', { StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } }, {}, true],
    [
      'if the key exists, not met',
      { StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } },
      { 'aws:SourceVpc': 'vpc-2' },
      false,
    ],
    ['on an ARN pattern, met', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/vault/*' } }, {}, true],
    ['on an ARN pattern, not met', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/other/*' } }, {}, false],
    ['on a truth, written without quotes', { Bool: { 'aws:SecureTransport': true as unknown as string } }, {}, true],
    ['on a truth, not met', { Bool: { 'aws:SecureTransport': 'false' } }, {}, false],
    ['on a variable, met', { StringEquals: { [PAIR]: '${aws:PrincipalAccount}' } }, { [PAIR]: '111111111111' }, true],
    ['on a variable, not met', { StringEquals: { [PAIR]: '${aws:PrincipalAccount}' } }, { [PAIR]: '1' }, false],
    [
      'on a variable that is missing',
      { StringEquals: { [PAIR]: '${aws:SourceVpc}' } },
      { [PAIR]: '${aws:SourceVpc}' },
      false,
    ],
    [
      'on a pair as a variable, met',
      { StringEquals: { 'aws:SourceVpc': `\${${PAIR}}` } },
      { [PAIR]: 'vpc-1', 'aws:SourceVpc': 'vpc-1' },
      true,
    ],
    [
      'on a pair as a variable, not met',
      { StringEquals: { 'aws:SourceVpc': `\${${PAIR}}` } },
      { [PAIR]: 'vpc-2', 'aws:SourceVpc': 'vpc-1' },
      false,
    ],
  ])('%s', async (_, condition, context, expected) => {
    expect(await allowedUnder(condition, context)).toBe(expected);
  });

  test.each<[string, Context, string]>([
    [
      'another value',
      { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-central-1:1:function:other' },
      'explicit deny: identity',
    ],
    ['the key missing', {}, 'explicit deny: identity'],
    ['the value', { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-central-1:1:function:own' }, 'allowed: Key/#1'],
  ])('of a deny unless equal: %s', async (_, context, expected) => {
    const unless = { StringNotEquals: { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-central-1:1:function:own' } };
    const identity = [policy('Own', on('kms:Decrypt', { Effect: 'Deny', Condition: unless }))];

    expect(await outcome(decrypt(context), under({ identity, resource: policy('Key', of(ROLE, 'kms:*')) }))).toBe(
      expected,
    );
  });
});

describe('a statement', () => {
  const resource = policy('Key', of(ROOT, 'kms:*'));
  const tagged = decrypt({ 'aws:PrincipalTag/key': KEY.slice(KEY.indexOf('/') + 1) });

  test.each<[string, Partial<PolicyStatement>, boolean]>([
    ['on all actions but some, of which it is none', { NotAction: ['kms:Encrypt'], Resource: '*' }, true],
    ['on all actions but some, of which it is one', { NotAction: ['kms:Dec*'], Resource: '*' }, false],
    ['on all resources but some, of which it is none', { Action: 'kms:*', NotResource: `${KEY}1` }, true],
    ['on all resources but some, of which it is one', { Action: 'kms:*', NotResource: KEY }, false],
    ['on a pattern of actions, in other letters', { Action: 'KMS:decr?pt', Resource: '*' }, true],
    [
      'on a resource by a variable',
      { Action: 'kms:*', Resource: KEY.replace(/0{8}.*/, '${aws:PrincipalTag/key}') },
      true,
    ],
    [
      'on a resource by a variable that is missing',
      { Action: 'kms:*', Resource: KEY.replace(/0{8}.*/, '${aws:PrincipalTag/no}') },
      false,
    ],
    [
      'on a resource by a variable where none counts',
      { Action: 'kms:*', Resource: KEY.replace('111111111111', '${aws:PrincipalAccount}') },
      false,
    ],
  ])('%s', async (_, statement, expected) => {
    expect((await decide(tagged, under({ identity: [policy('Mine', statement)], resource }))).allowed).toBe(expected);
  });
});

describe('a request that can not be evaluated completely is an error, not a deny:', () => {
  const policies = under({ resource: policy('Key', of(ROLE, 'kms:*')) });

  test.each<[string, Parameters<typeof decide>[0]]>([
    ['a key that no action knows', decrypt({ 'kms:NoSuchKey': 'x' })],
    ['a key of another action', decrypt({ 'kms:BypassPolicyLockoutSafetyCheck': 'true' })],
    ['a pair of what takes none', { ...decrypt({ [PAIR]: 'prod' }), action: 'kms:DescribeKey' }],
    ['two keys that differ in case', decrypt({ [PAIR]: 'prod', 'kms:EncryptionContext:Environment': 'dev' })],
    ['a tag that would stand in for a pair', decrypt({ 'aws:RequestTag/kmsec.environment': 'prod' })],
    ['several values of what has one', decrypt({ [PAIR]: ['prod', 'dev'] })],
    ['an action that does not exist', { ...decrypt(), action: 'kms:Decipher' }],
    ['an action without a service', { ...decrypt(), action: 'Decrypt' }],
    ['a resource of another kind', { ...decrypt(), resource: 'arn:aws:lambda:eu-central-1:111111111111:function:f' }],
    ['a pattern of resources', { ...decrypt(), resource: KEY.replace(/0/g, '*') }],
    ['a pattern of one character', { ...decrypt(), resource: KEY.replace(/.$/, '?') }],
    ['a resource of another account than is said', { ...decrypt(), resource: KEY.replace(/\d{12}/, '222222222222') }],
    ["a session with another role's ARN", { ...decrypt(), principal: { ...CALLER, roleArn: `${ROLE}2` } }],
    ['a session of another account than is said', { ...decrypt(), principal: { ...CALLER, account: '222222222222' } }],
    ["a user with a role's ARN", { ...decrypt(), principal: { ...CALLER, arn: ROOT } }],
    ['a resource that is no ARN', { ...decrypt(), resource: 'key' }],
  ])('%s', async (_, request) => {
    await expect(decide(request, policies)).rejects.toThrowWithCode('RequestInvalid');
  });
});
