import { beforeAll, describe, expect, test } from '@jest/globals';
import { ALLOWED } from './allowed';
import { type Request, decision, verdict } from '../../../../local/audit/matrix/cell';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { EVERYTHING, functionRoles, otherPrincipals, type Principal } from '../../../../local/audit/matrix/principals';
import { matrixVault } from './vault-app';

describe.each(['dev', 'prod'] as const)('in %s', (environment) => {
  const vault = matrixVault(environment);
  const requests = requestsOf(vault);
  const principals = new Map([...functionRoles(vault), ...otherPrincipals(vault)].map((one) => [one.name, one]));

  test('the matrix has every principal, and names each request once', () => {
    expect([...principals.keys()].sort()).toEqual(Object.keys(ALLOWED).sort());
    expect(new Set(requests.map(({ name }) => name)).size).toBe(requests.length);
    expect(requests.length).toBeGreaterThan(100);
  });

  test.each(Object.entries(ALLOWED))('%s is allowed what its list names, and nothing else', async (name, allowed) => {
    expect([...(await allowedTo(find(principals, name), requests))].sort()).toEqual([...allowed].sort());
  });
});

describe('a vault', () => {
  const vault = matrixVault('prod');
  const requests = requestsOf(vault);
  const byName = new Map(requests.map((request) => [request.name, request]));
  const principals = new Map([...functionRoles(vault), ...otherPrincipals(vault)].map((one) => [one.name, one]));
  const verdictOf = (who: string, what: string) => verdict(find(byName, what), find(principals, who));
  let opened: Readonly<Record<string, readonly string[]>>;

  beforeAll(async () => {
    const opening = requests.filter(({ name }) => /^kms:(Decrypt|ReEncrypt\w+) (share|intake|webhook) key/.test(name));
    expect(opening.length).toBeGreaterThanOrEqual(20);
    const entries = [...principals.values()].map(async (one) => [one.name, await allowedTo(one, opening)] as const);
    opened = Object.fromEntries(await Promise.all(entries));
  });

  test.each([
    ...['admin', 'root', 'partner admin', 'foreign admin', 'stranger', 'consumer', 'feeder'],
    ...['revoke', 'properties', 'audit', 'freeze', 'thaw', 'migrate'],
  ])('gives %s no decrypt with any key that opens material, in any context', (who) => {
    expect(opened[who]).toEqual([]);
  });

  test('gives the role of an emergency stop nothing but DisableKey, also with the policy of an administrator', async () => {
    const stop = find(principals, 'emergency stop');
    const widened = { ...stop, policies: [...stop.policies, EVERYTHING] };

    expect(opened['emergency stop']).toEqual([]);
    expect(await allowedTo(widened, requests)).toEqual(
      requests.filter(({ action }) => action === 'kms:DisableKey').map(({ name }) => name),
    );
  });

  test('lets the seal role wrap and never unwrap with the share key', async () => {
    expect(await verdictOf('seal', 'kms:GenerateDataKey share key, right')).toBe('allow');
    expect(opened.seal).toEqual(['kms:Decrypt intake key, right']);
  });

  test('lets the unseal role unwrap and never wrap', async () => {
    expect(opened.unseal).toEqual(['kms:Decrypt share key, right']);
    expect(await verdictOf('unseal', 'kms:GenerateDataKey share key, right')).toBe('deny');
  });

  test('lets only the reseal role wrap and unwrap with the share key', async () => {
    const both = await Promise.all(
      [...principals.keys()].map(async (who) => {
        const verdicts = ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) =>
          verdictOf(who, `${action} share key, right`),
        );
        return (await Promise.all(verdicts)).every((one) => one === 'allow') ? [who] : [];
      }),
    );

    expect(both.flat()).toEqual(['reseal']);
  });

  test.each([
    'other environment',
    'no context',
    'no owner',
    'other network',
    'no network',
    'other function',
    'no function',
  ])('refuses the reseal role both uses of the share key with %s', async (variant) => {
    expect(await verdictOf('reseal', `kms:Decrypt share key, ${variant}`)).toBe('deny');
    expect(await verdictOf('reseal', `kms:GenerateDataKey share key, ${variant}`)).toBe('deny');
  });

  test.each([
    'consumer',
    'feeder',
    'partner',
    'partner admin',
    'foreign admin',
    'stranger',
    'unseal',
    'seal',
    'migrate',
  ])('refuses %s every invocation of the reseal, and a run', async (who) => {
    expect(await verdictOf(who, 'lambda:InvokeFunction reseal:run')).toBe('deny');
    expect(await verdictOf(who, 'lambda:InvokeFunction reseal without a name')).toBe('deny');
    expect(await verdictOf(who, 'states:StartExecution reseal')).toBe('deny');
  });

  test('lets the role of the state machine invoke one alias of one function', async () => {
    expect(await verdictOf('reseal machine', 'lambda:InvokeFunction reseal:run')).toBe('allow');
    expect(await verdictOf('reseal machine', 'lambda:InvokeFunction reseal without a name')).toBe('deny');
    expect(await verdictOf('reseal machine', 'lambda:InvokeFunction unseal:backend')).toBe('deny');
  });

  test('lets the receive role open with the webhook key and wrap with the share key, and never unwrap', async () => {
    expect(opened.receive).toEqual(['kms:Decrypt webhook key, right']);
    expect(await verdictOf('receive', 'kms:GenerateDataKey share key, right')).toBe('allow');
  });

  test.each(['other algorithm', 'other function', 'no function'])(
    'refuses the receive role the webhook key with %s',
    async (variant) => {
      expect(await verdictOf('receive', `kms:Decrypt webhook key, ${variant}`)).toBe('deny');
    },
  );

  test.each(['other environment', 'other field', 'no context', 'no owner', 'a pair too many', 'other network'])(
    'refuses the receive role a data key with %s',
    async (variant) => {
      expect(await verdictOf('receive', `kms:GenerateDataKey share key, ${variant}`)).toBe('deny');
    },
  );

  test.each([
    'seal',
    'unseal',
    'revoke',
    'properties',
    'audit',
    'freeze',
    'thaw',
    'migrate',
    'consumer',
    'stranger',
    'foreign admin',
  ])('lets %s neither read nor replace the signing secret, nor open what is delivered', async (who) => {
    expect(await verdictOf(who, 'secretsmanager:GetSecretValue signing secret')).toBe('deny');
    expect(await verdictOf(who, 'secretsmanager:PutSecretValue signing secret')).toBe('deny');
    expect(await verdictOf(who, 'kms:Decrypt webhook key, right')).toBe('deny');
  });

  test.each([
    'other environment',
    'other field',
    'no context',
    'no owner',
    'a pair too many',
    'other network',
    'no network',
    'other function',
    'no function',
  ])('refuses the unseal role with %s', async (variant) => {
    expect(await verdictOf('unseal', `kms:Decrypt share key, ${variant}`)).toBe('deny');
  });

  test.each(['stranger', 'foreign admin'])('gives %s nothing at all', async (who) => {
    expect(await allowedTo(find(principals, who), requests)).toEqual([]);
  });

  test('lets a consumer invoke the one alias that it was granted', async () => {
    expect(await verdictOf('consumer', 'lambda:InvokeFunction unseal:backend')).toBe('allow');
    expect(await verdictOf('consumer', 'lambda:InvokeFunction unseal:partner')).toBe('deny');
    expect(await verdictOf('consumer', 'lambda:InvokeFunction unseal without a name')).toBe('deny');
    expect(await verdictOf('consumer', 'lambda:InvokeFunction unseal:$LATEST')).toBe('deny');
  });

  test.each(['share key', 'storage key', 'intake key', 'webhook key'])(
    'lets no administrator shorten the deletion window of the %s, skip its lockout check, or grant its use',
    async (key) => {
      const shut = requests.filter(({ name }) =>
        [`in 7 days`, `without it`, `to anyone`].some((variant) => name.endsWith(`${key}, ${variant}`)),
      );
      expect(shut).toHaveLength(3);
      expect(await allowedTo(find(principals, 'admin'), shut)).toEqual([]);
      expect(await allowedTo(find(principals, 'root'), shut)).toEqual([]);
    },
  );

  test.each(['seal', 'unseal', 'receive'])("lets no administrator assume %s's role", async (operation) => {
    expect(await verdictOf('admin', `sts:AssumeRole ${operation}'s role`)).toBe('deny');
    expect(await verdictOf('root', `sts:AssumeRole ${operation}'s role`)).toBe('deny');
  });

  test('lets only its functions pass its endpoint for KMS, even if another policy allows a call', async () => {
    const request = find(byName, 'kms:GetPublicKey intake key');
    const admin = find(principals, 'admin');

    expect(await verdict(request, admin)).toBe('allow');
    expect(await verdict(request, { ...admin, inNetwork: true })).toBe('deny');
  });

  test('can name a reason for every verdict', async () => {
    const everyone = [...principals.values()];
    const decisions = await Promise.all(everyone.flatMap((one) => requests.map((request) => decision(request, one))));

    expect(decisions.length).toBeGreaterThan(1_500);
    expect(decisions.filter(({ allowed, by }) => allowed && by.length === 0)).toEqual([]);
    expect(decisions.filter(({ allowed, kind }) => !allowed && kind === undefined)).toEqual([]);
  });

  test('rejects a request with a condition key that the evaluator would drop', async () => {
    const request = find(byName, 'kms:Decrypt share key, right');
    const unknownKey = { ...request, context: { 'kms:NoSuchKey': 'x' } };

    await expect(verdict(unknownKey, find(principals, 'stranger'))).rejects.toThrow('kms:NoSuchKey');
  });
});

describe('two vaults in one account', () => {
  const dev = matrixVault('dev');
  const prod = matrixVault('prod');

  test.each([
    ['dev', prod],
    ['prod', dev],
  ] as const)('no role of %s is allowed anything of the other', async (environment, other) => {
    const roles = functionRoles(environment === 'dev' ? dev : prod);
    const allowed = await Promise.all(roles.map((role) => allowedTo(role, requestsOf(other))));

    expect(allowed.flat()).toEqual([]);
  });

  test('the unseal role of dev opens nothing of prod even from the function and the network of prod', async () => {
    const requests = requestsOf(prod).filter(({ name }) => name.startsWith('kms:Decrypt share key'));
    const unseal = functionRoles(dev).filter(({ name }) => name === 'unseal');
    const inside = functionRoles(prod)
      .filter(({ name }) => name === 'unseal')
      .map(({ functionArn }) => functionArn);

    const allowed = await Promise.all(unseal.map((role) => allowedTo({ ...role, functionArn: inside[0] }, requests)));

    expect(allowed).toEqual([[]]);
  });
});

function find<T extends Request | Principal>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (!found) throw new Error(`expected one called ${name}, got none`);
  return found;
}
