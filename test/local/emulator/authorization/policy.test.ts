import { describe, expect, test } from '@jest/globals';
import { Policy } from '../../../../local/emulator/authorization';
import { decide } from '../../../../local/emulator/authorization';
import { decrypt, of, policy, under } from './support';

const ALLOW = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };

function read(...statements: readonly unknown[]): () => Policy {
  return () => Policy.read('Keys', { Version: '2012-10-17', Statement: statements });
}

describe('a policy', () => {
  test.each<[string, () => Policy]>([
    ['that is none', () => Policy.read('Keys', undefined)],
    ['without statements', () => Policy.read('Keys', { Version: '2012-10-17' })],
    ['of an unknown version', () => Policy.read('Keys', { Version: '2020-01-01', Statement: [ALLOW] })],
    ['with an effect that is none', read({ ...ALLOW, Effect: 'deny' })],
    ['with a member that is none', read({ ...ALLOW, Conditions: {} })],
    ['with NotPrincipal', read({ ...ALLOW, NotPrincipal: { AWS: '*' } })],
    ['with null for a resource', read({ ...ALLOW, Resource: null })],
    ['with a reference left in', read({ ...ALLOW, Resource: { Ref: 'Key' } })],
    ['with an operator that is none', read({ ...ALLOW, Condition: { StringNotEqualz: { 'aws:SourceVpc': 'x' } } })],
    ['with a set operator that is none', read({ ...ALLOW, Condition: { 'ForNoValue:StringEquals': {} } })],
    [
      'of the version in which variables are plain text',
      () => Policy.read('Keys', { Statement: [{ ...ALLOW, Resource: 'arn:${aws:x}' }] }),
    ],
  ])('%s is refused', (_, make) => {
    expect(make).toThrowWithCode('PolicyInvalid');
  });

  test.each<[string, string]>([
    ['StringEquals', 'StringNotLike'],
    ['ForAllValues:StringLike', 'ForAnyValue:ArnNotEquals'],
    ['BoolIfExists', 'Null'],
    ['numericlessthanequals', 'NotIpAddress'],
  ])('may use %s and %s', (one, other) => {
    const condition = { [one]: { 'aws:SourceVpc': '1' }, [other]: { 'aws:SourceVpc': '1' } };

    expect(read({ ...ALLOW, Condition: condition })().document.Statement[0]?.Condition).toEqual(condition);
  });

  test('of one statement may leave out its list', () => {
    expect(Policy.read('Keys', { Version: '2012-10-17', Statement: ALLOW }).document.Statement).toEqual([ALLOW]);
  });

  test('can not be changed through its source or its readers', () => {
    const source = { Version: '2012-10-17', Statement: [{ ...ALLOW, Action: ['kms:Decrypt'] }] };
    const kept = Policy.read('Keys', source);

    source.Statement[0]?.Action.push('kms:Encrypt');

    expect(kept.document.Statement[0]?.Action).toEqual(['kms:Decrypt']);
    expect(() => Object.assign(kept.document.Statement[0] ?? {}, { Effect: 'Deny' })).toThrow(TypeError);
    expect(() => Object.assign(kept, { digest: '' })).toThrow(TypeError);
  });

  test('differs by its digest in name and in every word', () => {
    const digests = [
      Policy.read('Keys', { Version: '2012-10-17', Statement: [ALLOW] }),
      Policy.read('Other', { Version: '2012-10-17', Statement: [ALLOW] }),
      read({ ...ALLOW, Sid: 'A' })(),
      read({ ...ALLOW, Effect: 'Deny' })(),
      read({ ...ALLOW, Condition: { Null: { 'aws:SourceVpc': 'true' } } })(),
    ].map(({ digest }) => digest);

    expect(new Set(digests).size).toBe(digests.length);
    expect(read(ALLOW)().digest).toBe(digests[0]);
  });

  test.each<[string, boolean]>([
    ['aws:SourceVpc', true],
    ['AWS:sourcevpc', true],
    ['aws:PrincipalTag/team', true],
    ['kms:EncryptionContext:environment', true],
    ['kms:EncryptionContext:owner', false],
    ['aws:PrincipalArn', false],
  ])('mentions %s: %s', (key, mentioned) => {
    const mentions = read(
      { ...ALLOW, Condition: { StringNotEquals: { 'aws:SourceVpc': "${aws:PrincipalTag/team, 'none'}" } } },
      { ...ALLOW, Resource: 'arn:aws:kms:*:*:alias/${kms:EncryptionContext:environment}' },
    )();

    expect(mentions.mentions(key)).toBe(mentioned);
  });

  test("an endpoint's policy for some principals can not be evaluated, and is no allow", async () => {
    const endpoint = policy('Way', of('111111111111', 'kms:*'));

    await expect(decide(decrypt(), under({ endpoint }))).rejects.toThrowWithCode('PolicyInvalid');
  });

  test('on no action can not be evaluated, and is no deny', async () => {
    const identity = [policy('May', { Resource: '*' })];

    await expect(decide(decrypt(), under({ identity }))).rejects.toThrowWithCode('PolicyInvalid');
  });
});
