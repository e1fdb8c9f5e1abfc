import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AuthorizationRequest,
  type Authorizer,
  type Context,
  FULL_AWS_ACCESS,
  type Policies,
  type PolicyStatement,
  createAuthorizer,
  decide,
} from '../../../../local/emulator/authorization';
import {
  ACCOUNT,
  CALLER,
  KEY,
  OTHER_ACCOUNT,
  ROLE,
  ROOT,
  STRANGER,
  decrypt,
  of,
  on,
  policy,
  session,
  under,
} from './support';

const RUNS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 300 : 5_000;
const PAIR = 'kms:EncryptionContext:environment';
const OWNER = 'kms:EncryptionContext:owner';
const PAIRS = 'kms:EncryptionContextKeys';

/** Statements with a condition key in every position that can affect the decision. */
const CONDITIONS: readonly NonNullable<PolicyStatement['Condition']>[] = [
  {},
  { StringEquals: { [PAIR]: 'prod' } },
  { StringNotEquals: { 'KMS:encryptioncontext:Environment': 'prod' } },
  { StringEquals: { [PAIR]: '${aws:PrincipalTag/team}' } },
  { StringEquals: { [PAIR]: "${ aws:principaltag/TEAM, 'prod'}" } },
  { StringLike: { 'aws:PrincipalTag/team': '${kms:EncryptionContext:environment}*' } },
  { Null: { 'aws:SourceVpc': 'true' } },
  { 'ForAllValues:StringEquals': { [PAIRS]: ['environment', 'owner'] } },
  { 'ForAnyValue:StringEquals': { [PAIRS]: ['owner'] } },
  { StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } },
];
const RESOURCES = ['*', KEY, KEY.replace(/0{8}.*/, '${kms:EncryptionContext:environment}'), `${KEY}*`];
const ACTIONS = ['kms:*', 'kms:Decrypt', 'kms:Encrypt'];

const effect = fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const);
const statement = fc.record({
  Effect: effect,
  Action: fc.constantFrom(...ACTIONS),
  Resource: fc.constantFrom(...RESOURCES),
  Condition: fc.constantFrom(...CONDITIONS),
});
const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
const identityPolicy = statements.map((all) => policy('Some', ...all));
const resourcePolicy = fc
  .tuple(statements, fc.constantFrom(ROOT, ROLE, '*', STRANGER.roleArn))
  .map(([all, who]) => policy('Own', ...all.map((one) => ({ ...one, Principal: { AWS: who } }))));
const endpointPolicy = statements.map((all) => policy('Way', ...all.map((one) => ({ ...one, Principal: '*' }))));
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });

const policies: fc.Arbitrary<Policies> = fc.record({
  identity: fc.array(identityPolicy, { maxLength: 2 }),
  resource: resourcePolicy,
  boundary: sometimes(identityPolicy),
  endpoint: sometimes(endpointPolicy),
  serviceControl: sometimes(identityPolicy.map((one) => [FULL_AWS_ACCESS, one])),
  resourceAccount: fc.constantFrom(ACCOUNT, ACCOUNT, OTHER_ACCOUNT),
});

const text = fc.constantFrom('prod', 'dev', '00000000-0000-0000-0000-000000000000', '');
const context: fc.Arbitrary<Context> = fc.record(
  {
    [PAIR]: text,
    [OWNER]: fc.constantFrom('a', 'b'),
    [PAIRS]: fc.subarray(['environment', 'owner', 'record']),
    'aws:PrincipalTag/team': text,
    'aws:SourceVpc': fc.constantFrom('vpc-1', 'vpc-2'),
    'aws:SecureTransport': fc.constantFrom('true', 'false'),
  },
  { requiredKeys: [] },
);
/** Contexts, some that can't be decided. */
const strange = fc.constantFrom<Context>({}, {}, {}, {}, { 'kms:NoSuchKey': 'x' }, { 'aws:SourceVpce': ['a', 'b'] });
const request: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    context,
    strange,
    principal: fc.constantFrom(CALLER, STRANGER, session('Other')),
    action: fc.constantFrom('kms:Decrypt', 'kms:Encrypt'),
  })
  .map(({ strange: more, context: values, ...rest }) => ({ ...rest, resource: KEY, context: { ...values, ...more } }));

/** Returns the decision, or the error instead of it. */
function settled(decision: Promise<unknown>): Promise<unknown> {
  return decision.catch(String);
}

describe('a remembered decision', () => {
  test('equals a new decision, reasons and errors included', async () => {
    const outcomes = new Set<string>();

    await fc.assert(
      fc.asyncProperty(policies, fc.array(request, { minLength: 2, maxLength: 6 }), async (all, requests) => {
        const authorizer = createAuthorizer();
        const asked = requests.map((one) => ({ ...one, resource: KEY.replace(ACCOUNT, all.resourceAccount) }));
        for (const one of [...asked, ...asked]) {
          const afresh = await settled(decide(one, all));
          expect(await settled(authorizer.decide(one, all))).toEqual(afresh);
          outcomes.add(outcomeOf(afresh));
        }
      }),
      { numRuns: RUNS },
    );

    expect([...outcomes].sort()).toEqual(['allowed', 'error', 'explicit deny', 'implicit deny']);
  }, 600_000);

  const fixed = policy('Key', of(ROLE, 'kms:Decrypt', { Condition: { StringEquals: { [PAIR]: 'prod' } } }));

  test('is shared by records: values that no policy mentions make no difference', async () => {
    const authorizer = createAuthorizer();

    const both = ['a', 'b'].map((owner) =>
      authorizer.decide(decrypt({ [PAIR]: 'prod', [OWNER]: owner }), under({ resource: fixed })),
    );

    expect(both[1]).toBe(both[0]);
    expect(authorizer.size).toBe(1);
  });

  test.each<[string, (authorizer: Authorizer) => Promise<unknown>]>([
    ['another value that a policy mentions', (it) => it.decide(decrypt({ [PAIR]: 'dev' }), under({ resource: fixed }))],
    [
      'another name in the context',
      (it) => it.decide(decrypt({ [PAIR]: 'prod', [OWNER]: 'a' }), under({ resource: fixed })),
    ],
    [
      'another action',
      (it) => it.decide({ ...decrypt({ [PAIR]: 'prod' }), action: 'kms:Encrypt' }, under({ resource: fixed })),
    ],
    [
      'another resource',
      (it) =>
        it.decide({ ...decrypt({ [PAIR]: 'prod' }), resource: KEY.replace('0', '1') }, under({ resource: fixed })),
    ],
    [
      'another principal',
      (it) => it.decide({ ...decrypt({ [PAIR]: 'prod' }), principal: session('Other') }, under({ resource: fixed })),
    ],
    [
      'an identity policy',
      (it) => it.decide(decrypt({ [PAIR]: 'prod' }), under({ resource: fixed, identity: [FULL_AWS_ACCESS] })),
    ],
    [
      'a boundary',
      (it) => it.decide(decrypt({ [PAIR]: 'prod' }), under({ resource: fixed, boundary: FULL_AWS_ACCESS })),
    ],
    [
      'an organization',
      (it) => it.decide(decrypt({ [PAIR]: 'prod' }), under({ resource: fixed, serviceControl: [FULL_AWS_ACCESS] })),
    ],
    [
      'an endpoint',
      (it) => it.decide(decrypt({ [PAIR]: 'prod' }), under({ resource: fixed, endpoint: policy('Way', of('*', '*')) })),
    ],
    [
      "another statement in the resource's policy",
      (it) => it.decide(decrypt({ [PAIR]: 'prod' }), under({ resource: policy('Key', of(ROLE, 'kms:*')) })),
    ],
  ])('is not shared by %s', async (_, other) => {
    const authorizer = createAuthorizer();

    await authorizer.decide(decrypt({ [PAIR]: 'prod' }), under({ resource: fixed }));
    await other(authorizer);

    expect(authorizer.size).toBe(2);
  });

  test('is not shared by another owner of a resource whose ARN has no account', async () => {
    const authorizer = createAuthorizer();
    const get = { principal: CALLER, action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key', context: {} };
    const identity = [FULL_AWS_ACCESS];

    const own = await authorizer.decide(get, { identity, resourceAccount: ACCOUNT });
    const other = await authorizer.decide(get, { identity, resourceAccount: OTHER_ACCOUNT });

    expect([own.allowed, other.allowed]).toEqual([true, false]);
  });

  test('is forgotten if it is the least recently used one of too many', async () => {
    const authorizer = createAuthorizer(2);
    const ask = (environment: string) =>
      authorizer.decide(decrypt({ [PAIR]: environment }), under({ resource: fixed }));

    const first = ask('a');
    const second = ask('b');
    expect(ask('a')).toBe(first);
    await ask('c');

    expect(ask('a')).toBe(first);
    expect(ask('b')).not.toBe(second);
    expect(authorizer.size).toBe(2);
  });

  test('is never an error: a request that failed is evaluated again', async () => {
    const authorizer = createAuthorizer();
    const asked = () =>
      authorizer.decide(decrypt({ 'kms:NoSuchKey': 'x' }), under({ identity: [policy('May', on('*'))] }));

    await expect(asked()).rejects.toThrowWithCode('RequestInvalid');
    expect(authorizer.size).toBe(0);
    await expect(asked()).rejects.toThrowWithCode('RequestInvalid');
  });
});

function outcomeOf(decided: unknown): string {
  return typeof decided === 'object' && decided !== null && 'outcome' in decided ? String(decided.outcome) : 'error';
}
