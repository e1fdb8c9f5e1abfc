import { describe, expect, test } from '@jest/globals';
import {
  effectsOf,
  recordsStayReadable,
  textsChangeWith,
  versionsMatchFunctions,
} from '../../../../../local/audit/lifecycle';
import { getAtt, join, ref, resource, RETAINED, template, type Update } from './tiny';

const fn = (properties: object) => resource('AWS::Lambda::Function', { ...properties });
const version = resource('AWS::Lambda::Version', { FunctionName: ref('Fn') });
const topic = (TopicName: string) => resource('AWS::SNS::Topic', { TopicName });

const VERSIONS: readonly Update[] = [
  {
    what: 'a new version of a function that stays the same',
    before: { Fn: fn({ Timeout: 1 }), V1: version },
    after: { Fn: fn({ Timeout: 1 }), V2: version },
    problem: 'expected the version that Fn has, since nothing of it changes, got a new one',
  },
  {
    what: 'a new version for a change that no version holds',
    before: { Fn: fn({ ReservedConcurrentExecutions: 1 }), V1: version },
    after: { Fn: fn({ ReservedConcurrentExecutions: 2 }), V2: version },
    problem: 'expected the version that Fn has, since nothing of it changes, got a new one',
  },
  {
    what: 'the former version of a function that changes',
    before: { Fn: fn({ Timeout: 1 }), V1: version },
    after: { Fn: fn({ Timeout: 2 }), V1: version },
    problem: 'expected a new version of Fn, which changes, got the former one',
  },
  {
    what: 'the former version of a function that refers to a replaced resource',
    before: { Fn: fn({ Role: ref('T') }), V1: version, T: topic('a') },
    after: { Fn: fn({ Role: ref('T') }), V1: version, T: topic('b') },
    problem: 'expected a new version of Fn, which changes, got the former one',
  },
];

describe('versionsMatchFunctions', () => {
  test.each(VERSIONS)('finds $what', ({ before, after, problem }) => {
    expect(versionsMatchFunctions(template(before), template(after)).map((each) => each.problem)).toEqual([problem]);
  });

  test.each([
    [
      'a new version of a changed function',
      { Fn: fn({ Timeout: 1 }), V1: version },
      { Fn: fn({ Timeout: 2 }), V2: version },
    ],
    ['the same version of the same function', { Fn: fn({}), V1: version }, { Fn: fn({}), V1: version }],
    ['the first version of a new function', {}, { Fn: fn({}), V1: version }],
    [
      'a new version of a function that refers to a replaced resource',
      { Fn: fn({ Role: ref('T') }), V1: version, T: topic('a') },
      { Fn: fn({ Role: ref('T') }), V2: version, T: topic('b') },
    ],
  ])('has nothing against %s', (_, before, after) => {
    expect(versionsMatchFunctions(template(before), template(after))).toEqual([]);
  });
});

describe('textsChangeWith', () => {
  const exchange = { id: 'Db', attributes: ['Endpoint.Address'] };
  const db = resource('AWS::RDS::DBCluster');
  const policy = (attribute: string, sid: string) =>
    resource('AWS::IAM::ManagedPolicy', { Sid: sid, Resource: join('arn:', getAtt('Db', attribute)) });
  const found = (before: ReturnType<typeof policy>, after: ReturnType<typeof policy>): readonly string[] =>
    textsChangeWith(template({ Db: db, P: before }), template({ Db: db, P: after }), exchange).map(
      (each) => each.resource,
    );

  test('finds a text that stays although it holds an attribute of an exchanged resource', () => {
    expect(found(policy('Endpoint.Address', 'A'), policy('Endpoint.Address', 'A'))).toEqual(['P']);
  });

  test('has nothing against a text that changes beside the attribute', () => {
    expect(found(policy('Endpoint.Address', 'A'), policy('Endpoint.Address', 'B'))).toEqual([]);
  });

  test('has nothing against an attribute that stays', () => {
    expect(found(policy('Port', 'A'), policy('Port', 'A'))).toEqual([]);
  });
});

describe('recordsStayReadable', () => {
  const sealing = (key: unknown) => fn({ Environment: { Variables: { SHARE_VAULT_SHARE_KEY_ARN: key } } });
  const key = resource('AWS::KMS::Key', {}, RETAINED);
  const db = (name: string) => resource('AWS::RDS::DBCluster', { DBClusterIdentifier: name }, RETAINED);
  const found = (before: object, after: object): readonly string[] =>
    recordsStayReadable(template({ ...before }), template({ ...after })).map(({ problem }) => problem);

  test('finds a function that gets another share key', () => {
    const before = { Fn: sealing(getAtt('A', 'Arn')), A: key };
    const after = { Fn: sealing(getAtt('B', 'Arn')), B: key };

    expect(found(before, after)).toEqual(['expected the share key that sealed the records, got another one']);
  });

  test('finds a function whose share key is replaced under the same reference', () => {
    const keyed = (name: string) => ({ Fn: sealing(ref('Key')), Key: topic(name) });

    expect(found(keyed('a'), keyed('b'))).toEqual(['expected the share key that sealed the records, got another one']);
  });

  const opening = (key: unknown, ...keys: readonly unknown[]) => ({
    SHARE_VAULT_SHARE_KEY_ARN: key,
    SHARE_VAULT_OPENING_KEY_ARNS: join('["', ...keys, '"]'),
  });
  const [a, b] = [getAtt('A', 'Arn'), getAtt('B', 'Arn')];
  const ofVault = (Variables: { readonly SHARE_VAULT_SHARE_KEY_ARN: unknown }) => ({
    Seal: fn({ FunctionName: 'share-vault-dev-seal', Environment: { Variables: sealingOf(Variables) } }),
    Unseal: fn({ FunctionName: 'share-vault-dev-unseal', Environment: { Variables } }),
  });
  const sealingOf = ({ SHARE_VAULT_SHARE_KEY_ARN: key }: { readonly SHARE_VAULT_SHARE_KEY_ARN: unknown }) => ({
    SHARE_VAULT_SHARE_KEY_ARN: key,
  });

  test.each([
    ['the next share key begins to open', { SHARE_VAULT_SHARE_KEY_ARN: a }, opening(a, b)],
    ['the share key trades places with one that opens', opening(a, b), opening(b, a)],
    ['a former share key opens no more', opening(b, a), { SHARE_VAULT_SHARE_KEY_ARN: b }],
  ])('accepts that %s', (_what, before, after) => {
    expect(found(ofVault(before), ofVault(after))).toEqual([]);
  });

  test('finds a share key that seals before the functions open with it', () => {
    const problem = 'expected a new share key that the functions already open with, got another one';

    expect(found(ofVault({ SHARE_VAULT_SHARE_KEY_ARN: a }), ofVault(opening(b, a)))).toEqual([problem, problem]);
  });

  test('finds a key in AWS KMS that seals at once, before the external share key', () => {
    const after = { ...arn, ...described(google), ...flag };

    expect(found(variables(described(google)), variables(after))).toEqual([
      'expected a new share key that the functions already open with, got another one',
    ]);
  });

  test('finds a former share key that only wraps from now on, unless the vault opens with its other keys', () => {
    const before = { ...described(google), SHARE_VAULT_OPENING_KEY_ARNS: { 'Fn::Join': ['', ['["', arnOfKey, '"]']] } };
    const after = { SHARE_VAULT_SHARE_KEY_ARN: arnOfKey, ...described(google) };

    expect(found(variables(before), variables(after))).toEqual([KEY_CHANGED]);
    expect(found(variables(before), variables({ ...after, ...flag }))).toEqual([]);
  });

  test('finds a former share key that opens no more as soon as another one seals', () => {
    const problem = 'expected the share key that sealed the records, got another one';

    expect(found(ofVault(opening(a, b)), ofVault({ SHARE_VAULT_SHARE_KEY_ARN: b }))).toEqual([problem, problem]);
  });

  const KEY_CHANGED = 'expected the share key that sealed the records, got another one';
  const described = (...keys: readonly object[]) => ({ SHARE_VAULT_OTHER_KEYS: JSON.stringify(keys) });
  const variables = (Variables: object) => ({ Fn: fn({ Environment: { Variables } }) });
  const arn = { SHARE_VAULT_SHARE_KEY_ARN: 'arn' };
  const flag = { SHARE_VAULT_OPEN_WITH_OTHER_KEYS: 'true' };
  const arnOfKey = getAtt('A', 'Arn');
  const google = { type: 'gcp-kms', key: 'a', audience: 'pool' };

  test.each([
    ['an external key instead of the one in AWS KMS', arn, described(google)],
    ['the one in AWS KMS instead of an external key', described(google), arn],
    ['another external key', described(google), described({ ...google, key: 'b' })],
    ['no key at all', described(google), {}],
  ])('finds a function that gets %s', (_what, before, after) => {
    expect(found(variables(before), variables(after))).toEqual([KEY_CHANGED]);
  });

  test.each([
    ['another login', described(google), described({ ...google, audience: 'other pool' })],
    ['a further key', { ...arn }, { ...arn, ...described(google) }],
    ['no further key', { ...arn, ...described(google) }, arn],
  ])('has nothing against a function that gets %s', (_what, before, after) => {
    expect(found(variables(before), variables(after))).toEqual([]);
  });

  const store = (members: object) => ({ SHARE_VAULT_BODY_STORE: JSON.stringify(members) });
  const kv = { type: 'vault-kv', address: 'https://vault', mount: 'secret', maxRecords: 1 };

  test.each([
    ['no body store any more', store(kv), {}],
    ['a body store at another place', store(kv), store({ ...kv, mount: 'other' })],
  ])('finds a function that gets %s', (_what, before, after) => {
    expect(found(variables(before), variables(after))).toEqual([
      "expected the store of the records' bodies to stay, got another one",
    ]);
  });

  test('has nothing against another limit of a body store', () => {
    expect(found(variables(store(kv)), variables(store({ ...kv, maxRecords: 2 })))).toEqual([]);
  });

  test('finds a database that is replaced by another one', () => {
    expect(found({ Db: db('a') }, { Db: db('b') })).toEqual([
      'expected the database of all records to stay, got one that is replaced: retained',
    ]);
  });

  test('has nothing against a share key and a database that stay', () => {
    const vault = { Fn: sealing(getAtt('A', 'Arn')), A: key, Db: db('a') };

    expect(found(vault, { ...vault, Other: key })).toEqual([]);
  });
});

describe('the effects of an update', () => {
  test('are none for what only updates, and for minor resources', () => {
    const before = template({ T: resource('AWS::KMS::Key', { Tags: ['a'] }), P: resource('AWS::Lambda::Permission') });
    const after = template({ T: resource('AWS::KMS::Key', { Tags: ['b'] }) });

    expect(effectsOf(before, after)).toEqual({});
  });

  test('are none of a custom resource, of which nothing is left in AWS even if it is retained', () => {
    expect(effectsOf(template({ A: resource('Custom::AWS', {}, RETAINED) }), template({}))).toEqual({});
  });

  test('are the refusal and nothing else if there is one', () => {
    const before = template({ A: resource('AWS::SNS::Topic'), B: resource('AWS::KMS::Key') });

    expect(effectsOf(before, template({ A: resource('AWS::KMS::Key') }))).toEqual({
      refused: ["A: a resource can't change its type from AWS::SNS::Topic"],
    });
  });

  test('name what is renamed, orphaned, deleted, and in the way of its return', () => {
    const secret = (Name: string) => resource('AWS::SecretsManager::Secret', { Name }, RETAINED);
    const before = template({ Renamed: secret('a'), Out: secret('b'), Gone: topic('t') });

    expect(effectsOf(before, template({ Renamed: secret('c') }))).toEqual({
      replaced: ['Renamed'],
      deleted: ['Gone'],
      orphaned: ['Out', 'Renamed'],
      renamed: ['Renamed'],
      blocksReturn: ['Out', 'Renamed'],
    });
  });
});
