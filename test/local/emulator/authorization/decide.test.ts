import { describe, expect, test } from '@jest/globals';
import { FULL_AWS_ACCESS, type Policies, decide } from '../../../../local/emulator/authorization';
import {
  ALIAS,
  CALLER,
  FUNCTION,
  OTHER_ACCOUNT,
  ROLE,
  ROOT,
  SECRET,
  STRANGER,
  decrypt,
  invoke,
  of,
  on,
  outcome,
  policy,
  session,
  under,
} from './support';

const may = policy('May', on('kms:Decrypt', { Sid: 'Open' }));
const all = policy('All', on('*'));
const trusting = policy('Key', of(ROOT, 'kms:*', { Sid: 'Account' }));
const naming = policy('Key', of(ROLE, 'kms:Decrypt', { Sid: 'Role' }));
const edge = policy('Edge', on('kms:*', { Sid: 'Keys' }));
const denies = (sid: string) => on('kms:Decrypt', { Sid: sid, Effect: 'Deny' });

describe('a key', () => {
  test.each<[string, Partial<Policies>, string]>([
    [
      'trusts the account, which has a policy',
      { identity: [may], resource: trusting },
      'allowed: Key/Account,May/Open',
    ],
    ['trusts the account, which has none', { resource: trusting }, 'implicit deny: identity'],
    ['names the role', { resource: naming }, 'allowed: Key/Role'],
    ['names the role, whose boundary allows it', { boundary: edge, resource: naming }, 'allowed: Key/Role,Edge/Keys'],
    [
      'names the role, whose boundary doesn’t',
      { boundary: policy('Edge', on('kms:Encrypt')), resource: naming },
      'implicit deny: boundary',
    ],
    [
      'names the role, which says so too, and whose boundary doesn’t',
      { identity: [may], boundary: policy('Edge', on('kms:Encrypt')), resource: naming },
      'implicit deny: boundary',
    ],
    [
      'names another role',
      { identity: [all], resource: policy('Key', of(`${ROLE}Other`, 'kms:*')) },
      'implicit deny: resource',
    ],
    [
      'trusts the account with another action',
      { identity: [all], resource: policy('Key', of(ROOT, 'kms:Encrypt')) },
      'implicit deny: resource',
    ],
    ['has no policy', { identity: [all] }, 'implicit deny: resource'],
    [
      'denies',
      { identity: [may], resource: policy('Key', of(ROOT, 'kms:*'), of('*', 'kms:Decrypt', { Effect: 'Deny' })) },
      'explicit deny: resource',
    ],
    [
      'trusts, but the role is denied',
      { identity: [policy('Mixed', on('kms:*'), denies('Never'))], resource: trusting },
      'explicit deny: identity',
    ],
  ])('that %s', async (_, policies, expected) => {
    expect(await outcome(decrypt(), under(policies))).toBe(expected);
  });
});

describe('around an allow', () => {
  const allowed = { identity: [may], resource: trusting };
  const encrypt = on('kms:Encrypt');

  test.each<[string, Partial<Policies>, string]>([
    ['a boundary allows', { boundary: edge }, 'allowed: Key/Account,Edge/Keys,May/Open'],
    ['a boundary says nothing', { boundary: policy('Edge', encrypt) }, 'implicit deny: boundary'],
    ['a boundary denies', { boundary: policy('Edge', denies('No')) }, 'explicit deny: boundary'],
    [
      'an endpoint allows',
      { endpoint: policy('Way', of('*', 'kms:Decrypt', { Sid: 'In' })) },
      'allowed: Way/In,Key/Account,May/Open',
    ],
    ['an endpoint says nothing', { endpoint: policy('Way', of('*', 'kms:Encrypt')) }, 'implicit deny: endpoint'],
    [
      'an endpoint denies',
      { endpoint: policy('Way', of('*', 'kms:*', { Effect: 'Deny' })) },
      'explicit deny: endpoint',
    ],
    ['an organization allows', { serviceControl: [FULL_AWS_ACCESS] }, 'allowed: FullAWSAccess/#1,Key/Account,May/Open'],
    ['an organization says nothing', { serviceControl: [policy('Scp', encrypt)] }, 'implicit deny: service control'],
    [
      'an organization denies',
      { serviceControl: [FULL_AWS_ACCESS, policy('Scp', denies('Shut'))] },
      'explicit deny: service control',
    ],
  ])('%s', async (_, policies, expected) => {
    expect(await outcome(decrypt(), under({ ...allowed, ...policies }))).toBe(expected);
  });

  test('the deny that AWS would name comes first, and all of them are returned', async () => {
    const policies = under({
      ...allowed,
      identity: [policy('B', denies('Two'), on('kms:*'))],
      boundary: policy('A', denies('One')),
    });

    const { kind, by } = await decide(decrypt(), policies);

    expect(kind).toBe('boundary');
    expect(by).toEqual([
      { kind: 'boundary', policy: 'A', statement: 'One' },
      { kind: 'identity', policy: 'B', statement: 'Two' },
    ]);
  });

  test('policies of one name are distinguished', async () => {
    const twice = [policy('Twin', on('kms:Decrypt', { Sid: 'A' })), policy('Twin', on('kms:Encrypt', { Sid: 'B' }))];

    const { parts } = await decide(decrypt(), under({ identity: twice, resource: trusting }));

    expect(parts.map(({ verdict, statements }) => [verdict, statements.map(({ statement }) => statement)])).toEqual([
      ['trusts the account', ['Account']],
      ['allows', ['A']],
      ['allows nothing', ['B']],
    ]);
  });
});

describe('a function or a secret', () => {
  const call = 'lambda:InvokeFunction';
  const caller = policy('Calls', { Action: call, Resource: ALIAS, Sid: 'Call' });

  test.each<[string, Partial<Policies>, string]>([
    ["by the caller's policy alone", { identity: [caller] }, 'allowed: Calls/Call'],
    [
      "by the alias's own policy alone",
      { resource: policy('Alias', of(ROLE, call, { Sid: 'In' })) },
      'allowed: Alias/In',
    ],
    [
      'by a policy that trusts the account alone',
      { resource: policy('Alias', of(ROOT, call)) },
      'implicit deny: identity',
    ],
    ['by neither', {}, 'implicit deny: identity'],
    [
      'by a permission on the function without a name',
      { identity: [policy('Calls', { Action: call, Resource: FUNCTION })] },
      'implicit deny: identity',
    ],
  ])('%s', async (_, policies, expected) => {
    expect(await outcome(invoke(CALLER), under(policies))).toBe(expected);
  });

  test("a secret's own policy may allow by itself, and deny against every allow", async () => {
    const read = { principal: CALLER, action: 'secretsmanager:GetSecretValue', resource: SECRET, context: {} };
    const own = (effect: 'Allow' | 'Deny') =>
      policy('Secret', of(ROLE, 'secretsmanager:*', { Effect: effect, Sid: 'Own' }));

    expect(await outcome(read, under({ resource: own('Allow') }))).toBe('allowed: Secret/Own');
    expect(await outcome(read, under({ identity: [all], resource: own('Deny') }))).toBe('explicit deny: resource');
  });

  test.each<[string, Partial<Policies>, string]>([
    [
      'both sides',
      { identity: [caller], resource: policy('Alias', of(OTHER_ACCOUNT, call, { Sid: 'Partner' })) },
      'allowed: Alias/Partner,Calls/Call',
    ],
    ['its own side alone', { identity: [caller] }, 'implicit deny: resource'],
    ['the other side alone', { resource: policy('Alias', of(OTHER_ACCOUNT, call)) }, 'implicit deny: identity'],
    [
      'the other side alone, by its name',
      { resource: policy('Alias', of(STRANGER.roleArn, call)) },
      'implicit deny: identity',
    ],
  ])('of another account needs both sides: %s', async (_, policies, expected) => {
    expect(await outcome(invoke(STRANGER), under(policies))).toBe(expected);
  });
});

describe('a service that calls by itself', () => {
  const service = { arn: 'apigateway.amazonaws.com', roleArn: 'apigateway.amazonaws.com', account: '' };
  const statement = on('lambda:InvokeFunction', { Sid: 'Api', Principal: { Service: 'apigateway.amazonaws.com' } });

  test('is allowed only if the policy of the resource names it', async () => {
    expect(await outcome(invoke(service), under({ resource: policy('Fn', statement) }))).toBe('allowed: Fn/Api');
    expect(await outcome(invoke(service), under({ resource: policy('Fn', of(ROOT, 'lambda:*')) }))).toBe(
      'implicit deny: resource',
    );
  });

  test('is not restricted by an organization', async () => {
    const policies = {
      resource: policy('Fn', statement),
      serviceControl: [policy('Scp', on('*', { Effect: 'Deny' }))],
    };

    expect(await outcome(invoke(service), under(policies))).toBe('allowed: Fn/Api');
    expect(await outcome(invoke(CALLER), under({ ...policies, identity: [all] }))).toBe(
      'explicit deny: service control',
    );
  });
});

describe('a role', () => {
  const asks = { principal: session('Deploy'), action: 'sts:AssumeRole', resource: ROLE, context: {} };
  const trust = (principal: string) => policy('Trust', { Principal: { AWS: principal }, Action: 'sts:AssumeRole' });

  test.each<[string, Partial<Policies>, string]>([
    ['that trusts the caller by name', { resource: trust(asks.principal.roleArn) }, 'allowed: Trust/#1'],
    ['that trusts the account, which allows', { identity: [all], resource: trust(ROOT) }, 'allowed: Trust/#1,All/#1'],
    ['that trusts the account, which does not', { resource: trust(ROOT) }, 'implicit deny: identity'],
    ['that trusts somebody else', { identity: [all], resource: trust(ROLE) }, 'implicit deny: resource'],
  ])('%s', async (_, policies, expected) => {
    expect(await outcome(asks, under(policies))).toBe(expected);
  });

  test('without a trust policy is an error, not an allow', async () => {
    await expect(decide(asks, under({ identity: [all] }))).rejects.toThrowWithCode('RequestInvalid');
  });

  test('may always call GetCallerIdentity', async () => {
    const who = { ...asks, action: 'sts:GetCallerIdentity', resource: '*' };

    expect(await outcome(who, under({ identity: [policy('Shut', on('*', { Effect: 'Deny' }))] }))).toBe('allowed: ');
  });
});

test.each(['Decrypt', 'kms:', 'kms:De*', 'kms:Decrypt ', 'kms:Decrypt:x'])(
  'a request for %j is refused as malformed',
  async (action) => {
    await expect(decide({ ...decrypt(), action }, under({}))).rejects.toThrow(
      'expected an action as service:Name, got',
    );
  },
);
