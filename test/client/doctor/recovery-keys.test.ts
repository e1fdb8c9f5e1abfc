import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recoveryKey } from '../../support/external-keys';
import { useEndpoint } from '../../support/use-endpoint';
import { run } from '../commands/support/account';
import { FakeAws } from './fake-aws';
import { HEALTHY } from './healthy';

let aws: FakeAws;
beforeAll(async () => {
  aws = await FakeAws.start();
  useEndpoint(aws);
});
afterAll(() => aws.stop());

const [SAFE, BANK] = [recoveryKey('safe'), recoveryKey('bank')];
const VARIABLE = 'SHARE_VAULT_RECOVERY_KEYS';
const variable = (...keys: readonly (typeof SAFE)[]) =>
  JSON.stringify(Object.fromEntries(keys.map(({ name, publicKey }) => [name, publicKey])));
const fingerprints = (...keys: readonly (typeof SAFE)[]) =>
  JSON.stringify(Object.fromEntries(keys.map(({ name, fingerprint }) => [name, fingerprint])));

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly fix?: string;
}
interface Functions {
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}
interface Published {
  readonly Parameters: readonly { readonly Name: string; readonly ARN: string }[];
}

/** What doctor finds about recovery keys: of a vault whose functions have a list, and that publishes one. */
async function foundWith(used: Readonly<Record<string, string | undefined>>, published?: string) {
  const functions = Object.entries(used).map(([name, list]) => {
    const usual = HEALTHY[`configuration share-vault-prod-${name}`] as Functions;
    const Variables = { ...usual.Environment?.Variables, ...(list !== undefined && { [VARIABLE]: list }) };
    return [`configuration share-vault-prod-${name}`, { ...usual, Environment: { Variables } }];
  });
  const { Parameters } = HEALTHY.GetParametersByPath as Published;
  const parameter = { ...Parameters[0], Name: '/share-vault/prod/recovery-keys', Value: published };
  aws.responses = {
    ...HEALTHY,
    ...(Object.fromEntries(functions) as object),
    ...(published === 'denied' && { GetParametersByPath: { error: 'AccessDeniedException' } }),
    ...(published !== undefined && published !== 'denied' && { GetParametersByPath: { Parameters: [...Parameters, parameter] } }), // prettier-ignore
  };
  const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return findings.filter(({ check }) => check.startsWith('recovery keys: '));
}

const ALIKE = { seal: variable(SAFE, BANK), receive: variable(BANK, SAFE) };

describe('doctor and recovery keys', () => {
  test('has nothing to say of a vault without any', async () => {
    expect(await foundWith({})).toEqual([]);
  });

  test('names the keys and their fingerprints if they are the published ones, in any order', async () => {
    const found = `bank ${BANK.fingerprint}, safe ${SAFE.fingerprint}`;

    expect(await foundWith(ALIKE, fingerprints(SAFE, BANK))).toEqual([
      { check: 'recovery keys: seal', status: 'ok', found },
      { check: 'recovery keys: receive', status: 'ok', found },
    ]);
  });

  test.each<[what: string, used: Parameters<typeof foundWith>[0], published: string | undefined, functions: string[]]>([
    ['a further key of one function', { ...ALIKE, receive: variable(SAFE) }, fingerprints(SAFE, BANK), ['receive']],
    ['a key that nobody published', { seal: variable(SAFE) }, undefined, ['seal']],
    ['a key under the name of another', { ...ALIKE, seal: JSON.stringify({ safe: BANK.publicKey }) }, fingerprints(SAFE, BANK), ['seal']], // prettier-ignore
    ['published keys that no function has', {}, fingerprints(SAFE), ['seal', 'receive']],
    ['a published list that was changed', ALIKE, fingerprints(SAFE), ['seal', 'receive']],
    ['a published list that is none', ALIKE, 'safe', ['seal', 'receive']],
    ['a function with a list that is none', { ...ALIKE, seal: '[]' }, fingerprints(SAFE, BANK), ['seal']],
    ['a function with a key that is no text', { ...ALIKE, seal: '{"safe":1}' }, fingerprints(SAFE, BANK), ['seal']],
  ])('reports %s as a problem, and who can open records', async (_what, used, published, functions) => {
    const problems = (await foundWith(used, published)).filter(({ status }) => status === 'problem');

    expect(problems.map(({ check }) => check)).toEqual(functions.map((name) => `recovery keys: ${name}`));
    expect(problems.map(({ fix }) => fix)).toEqual(functions.map(() => expect.stringContaining('can open every new record'))); // prettier-ignore
  });

  test('can not judge keys if the caller may not read parameters', async () => {
    expect(await foundWith({ seal: variable(SAFE) }, 'denied')).toEqual([
      { check: 'recovery keys: seal', status: 'unknown', found: 'not permitted: ssm:GetParametersByPath' },
    ]);
  });

  test('can not judge keys if the caller may not read the environment of a function', async () => {
    const usual = HEALTHY['configuration share-vault-prod-seal'] as Functions;
    aws.responses = { ...HEALTHY, 'configuration share-vault-prod-seal': { ...usual, Environment: { Error: {} } } };

    const { stdout } = await run(['doctor', '--environment', 'prod', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      findings: expect.arrayContaining([
        { check: 'recovery keys: seal', status: 'unknown', found: 'its environment can not be read' },
      ]),
    });
  });
});
