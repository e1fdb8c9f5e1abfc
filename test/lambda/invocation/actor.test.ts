import { describe, expect, test } from '@jest/globals';
import { readActor, requireKind } from '../../../lambda/invocation/actor';

const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:share-vault-unseal';
const ACTORS = new Map([['signer', ['delegated-share']], ['1', ['delegated-share']], ['$LATEST', ['delegated-share']]]); // prettier-ignore

describe('readActor', () => {
  test('reads the alias that was invoked', () => {
    expect(readActor(`${FUNCTION}:signer`, ACTORS)).toEqual({ name: 'signer', kinds: ['delegated-share'] });
  });

  test.each([
    ['an unqualified call', FUNCTION],
    ['$LATEST', `${FUNCTION}:$LATEST`],
    ['a version number', `${FUNCTION}:1`],
    ['an alias that is no actor', `${FUNCTION}:stranger`],
    ['an empty qualifier', `${FUNCTION}:`],
    ['a name that every object has', `${FUNCTION}:constructor`],
    ['no ARN at all', ''],
  ])('refuses %s', (_case, arn) => {
    expect(() => readActor(arn, ACTORS)).toThrowWithCode('ActorRequired');
  });

  test.each([
    ['an unqualified call', FUNCTION],
    ['a version or another qualifier', `${FUNCTION}:1`],
    ['an alias that is no actor', `${FUNCTION}:stranger`],
  ])('names %s in its refusal', (got, arn) => {
    expect(() => readActor(arn, ACTORS)).toThrow(got);
  });
});

describe('requireKind', () => {
  test('accepts the kinds that the actor was given', () => {
    expect(() => requireKind({ name: 'signer', kinds: ['delegated-share'] }, 'delegated-share')).not.toThrow();
  });

  test('refuses a kind that the actor was not given', () => {
    const actor = { name: 'signer', kinds: ['server-key-shares'] };

    expect(() => requireKind(actor, 'delegated-share')).toThrowWithCode('ActorRequired');
  });
});
