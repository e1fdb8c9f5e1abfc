import { describe, expect, test } from '@jest/globals';
import {
  FULL_AWS_ACCESS,
  type Policies,
  decide,
  explain,
  message,
  traceLine,
} from '../../../../local/emulator/authorization';
import { shown, wrap } from '../../../../local/emulator/authorization/terminal';
import { CALLER, KEY, ROLE, ROOT, STRANGER, decrypt, invoke, of, on, policy, session, under } from './support';

const PAIR = 'kms:EncryptionContext:environment';
const may = policy('May', on('kms:Decrypt', { Sid: 'Open' }));
const trusting = policy('Key', of(ROOT, 'kms:*', { Sid: 'Account' }));
const fixed = policy('Key', of(ROLE, 'kms:Decrypt', { Sid: 'Prod', Condition: { StringEquals: { [PAIR]: 'prod' } } }));
const WHO = `User: ${CALLER.arn} is not authorized to perform: kms:Decrypt on resource: ${KEY}`;

test('a decision reports of each policy whether it allows, denies, trusts the account or allows nothing', async () => {
  const closed = policy('Shut', on('kms:*'), on('kms:Decrypt', { Effect: 'Deny' }));
  const identity = [may, closed, policy('Other', on('s3:*'))];

  const { parts } = await decide(decrypt(), under({ identity, resource: trusting }));

  expect(new Map(parts.map((part) => [part.policy, part.verdict]))).toEqual(
    new Map([['May', 'allows'], ['Shut', 'denies'], ['Other', 'allows nothing'], ['Key', 'trusts the account']]), // prettier-ignore
  );
});

describe('the message of a refusal', () => {
  test.each<[Partial<Policies>, string]>([
    [{ resource: trusting }, 'because no identity-based policy allows the kms:Decrypt action'],
    [
      { resource: trusting, identity: [policy('Own', on('kms:Decrypt', { Effect: 'Deny' }))] },
      'with an explicit deny in an identity-based policy (Own, statement #1)',
    ],
    [
      { resource: policy('Key', of('*', 'kms:*', { Sid: 'Shut', Effect: 'Deny' })) },
      'with an explicit deny in a resource-based policy (Key, statement Shut)',
    ],
    [
      { resource: policy('Key', of(ROLE, 'kms:Encrypt')) },
      'because no resource-based policy allows the kms:Decrypt action',
    ],
    [
      { resource: fixed },
      `because no resource-based policy allows the kms:Decrypt action (nearest: Key, statement Prod: StringEquals ${PAIR} prod, got dev)`,
    ],
    [
      { resource: trusting, identity: [may], boundary: policy('Edge', on('s3:*')) },
      'because no permissions boundary allows the kms:Decrypt action',
    ],
    [
      { resource: trusting, identity: [may], boundary: policy('Edge', on('kms:*', { Effect: 'Deny' })) },
      'with an explicit deny in a permissions boundary (Edge, statement #1)',
    ],
    [
      { resource: trusting, identity: [may], endpoint: policy('Way', of('*', 's3:*')) },
      'because no VPC endpoint policy allows the kms:Decrypt action',
    ],
    [
      { resource: trusting, identity: [may], serviceControl: [policy('Scp', on('s3:*'))] },
      'because no service control policy allows the kms:Decrypt action',
    ],
    [
      {
        resource: trusting,
        identity: [may],
        serviceControl: [FULL_AWS_ACCESS, policy('Scp', on('kms:*', { Sid: 'No', Effect: 'Deny' }))],
      },
      'with an explicit deny in a service control policy (Scp, statement No)',
    ],
  ])('%#', async (policies, expected) => {
    expect(message(await decide(decrypt({ [PAIR]: 'dev' }), under(policies)))).toBe(`${WHO} ${expected}`);
  });

  test('is the same whether a key of another account exists or not', async () => {
    const request = { ...decrypt({ 'kms:CallerAccount': STRANGER.account }), principal: STRANGER };

    expect(message(await decide(request, under({ identity: [may], resource: fixed })))).toContain(
      'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access',
    );
  });

  test('names the trust policy of a role', async () => {
    const request = { principal: session('Deploy'), action: 'sts:AssumeRole', resource: ROLE, context: {} };
    const trust = (effect: 'Allow' | 'Deny', who: string) =>
      policy('Trust', { Effect: effect, Principal: { AWS: who }, Action: 'sts:AssumeRole' });
    const told = async (resource: Policies['resource']) => message(await decide(request, under({ resource })));

    expect(await told(trust('Allow', ROLE))).toContain('because no role trust policy allows the sts:AssumeRole action');
    expect(await told(trust('Deny', ROOT))).toContain(
      'with an explicit deny in the role trust policy (Trust, statement #1)',
    );
  });

  test('does not exist for an allowed call', async () => {
    const decision = await decide(decrypt(), under({ identity: [may], resource: trusting }));

    expect(() => message(decision)).toThrow('expected a decision that denies');
  });
});

describe('the explanation', () => {
  test('of an allowed call shows each policy with its decisive statements', async () => {
    const identity = [policy('May', on('kms:Decrypt', { Sid: 'Open' }), on('kms:Encrypt'), on('s3:*'))];
    const resource = policy(
      'Key',
      of(ROOT, 'kms:*', { Sid: 'Account' }),
      of(`${ROLE}2`, 'kms:Decrypt', { Sid: 'Next' }),
    );

    expect(explain(await decide(decrypt(), under({ identity, resource })))).toEqual([
      'ALLOWED  kms:Decrypt',
      `to       ${CALLER.arn}`,
      `on       ${KEY}`,
      'why      allowed by Key/Account (resource), May/Open (identity)',
      '',
      'resource         Key: trusts the account',
      '    Allow Account matches',
      '    Allow Next does not match: principal',
      '',
      'identity         May: allows',
      '    Allow Open matches',
      '    2 about other actions',
    ]);
  });

  test('of a denied call names the expected and the actual value', async () => {
    const decision = await decide(decrypt({ [PAIR]: 'dev' }), under({ resource: fixed }));

    expect(explain(decision)).toEqual([
      'DENIED   kms:Decrypt',
      `to       ${CALLER.arn}`,
      `on       ${KEY}`,
      'why      because no resource-based policy allows the kms:Decrypt action',
      '',
      'resource         Key: allows nothing',
      `    Allow Prod does not match: StringEquals ${PAIR} prod, got dev`,
    ]);
  });

  test('fits a terminal whatever the names are', async () => {
    const name = 'N'.repeat(200);
    const condition = { StringEquals: { [PAIR]: 'prod', 'aws:SourceVpc': 'vpc-00000000000000000' } };
    const resource = policy(name, of(ROLE, 'kms:Decrypt', { Sid: name, Condition: condition }));

    const lines = explain(await decide(decrypt({ [PAIR]: 'x'.repeat(300) }), under({ resource })));

    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(110);
    expect(lines.join('').replaceAll(' ', '')).toContain('x'.repeat(300));
  });
});

describe('a traced call', () => {
  test('is one line of principal, action, resource, context and statements', async () => {
    const request = decrypt({ [PAIR]: 'prod', 'kms:EncryptionContextKeys': ['environment'] });

    expect(traceLine(request, await decide(request, under({ resource: fixed })))).toBe(
      'allow assumed-role/Unseal/session kms:Decrypt key/00000000-0000-0000-0000-000000000000 {environment=prod} allowed by Key/Prod (resource)',
    );
  });

  test('that was refused has the reason', async () => {
    const request = invoke(CALLER);

    expect(traceLine(request, await decide(request, under({})))).toBe(
      'DENY  assumed-role/Unseal/session lambda:InvokeFunction function:share-vault-dev-unseal:backend {} because no identity-based policy allows the lambda:InvokeFunction action',
    );
  });

  test.each([
    ['a line break', 'prod\nallow root kms:*'],
    ['a return to the beginning', 'prod\rallow'],
    ['an escape sequence', '\u001b[2J'],
    ['a turn of the writing direction', '\u202eprod'],
    ['a line separator', 'a\u2028b'],
    ['another pair', 'prod, owner=x'],
  ])('stays one line, and one value, with %s in it', async (_, value) => {
    const request = decrypt({ [PAIR]: value });
    const line = traceLine(request, await decide(request, under({ resource: fixed })));

    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(line).toContain('environment="');
  });
});

describe('lines', () => {
  test.each([
    ['a bb ccc', 4, ['a bb', 'ccc']],
    ['abcdefgh ij', 3, ['abc', 'def', 'gh', 'ij']],
    ['', 3, ['']],
  ])('of %j in %d columns', (text, width, expected) => {
    expect(wrap(text, width)).toEqual(expected);
  });

  test('show plain values as they are', () => {
    expect(shown('vpc-1')).toBe('vpc-1');
    expect(shown('')).toBe('""');
  });
});
