import { describe, expect, test } from '@jest/globals';
import policy from '../../docs/scp.json';
import { Policy } from '../../local/authorization';
import { ALLOWED, LEFT_BY_SCP } from './allowed';
import { type Ask, verdict } from './cell';
import { allowedTo, asksOf } from './matrix';
import { ACCOUNT } from './place';
import { exempt, functionRoles, people, type Principal } from './principals';
import { matrixVault } from './vault-app';

/** AWS's limit, in characters without white space around. */
const SCP_LIMIT = 5120;

const scp = Policy.read('docs/scp.json', policy);
const vault = matrixVault('prod');
const asks = asksOf(vault);
const principals = new Map([...functionRoles(vault), ...people(vault), ...exempt()].map((one) => [one.name, one]));

describe('the sample service control policy', () => {
  test.each(['admin', 'root'])('leaves %s the public keys and the published parameters', async (who) => {
    expect(await allowedTo(find(who), asks, scp)).toEqual(LEFT_BY_SCP);
  });

  test.each(['deploy', 'break-glass'])('leaves %s all that an administrator has', async (who) => {
    expect([...(await allowedTo(find(who), asks, scp))].sort()).toEqual([...(ALLOWED.admin ?? [])].sort());
  });

  test.each([
    'seal',
    'unseal',
    'revoke',
    'properties',
    'audit',
    'receive',
    'migrate',
    'guard',
    'cdk trigger',
    'consumer',
    'feeder',
  ])('takes nothing from %s', async (who) => {
    expect([...(await allowedTo(find(who), asks, scp))].sort()).toEqual([...(ALLOWED[who] ?? [])].sort());
  });

  test.each([
    'cdk-sharevault-cfn-exec-role-111111111111-eu-central-1',
    'cdk-sharevault-deploy-role-111111111111-eu-central-1',
    'share-vault-deployer',
    'ShareVault-prod-Consumer',
  ])('lets no administrator take on, make or change %s', async (role) => {
    expect(await allowedTo(find('admin'), changesOf(role))).toHaveLength(4);
    expect(await allowedTo(find('admin'), changesOf(role), scp)).toEqual([]);
  });

  test('lets those whom the break-glass role trusts take it on, and none but itself change it', async () => {
    const role = 'share-vault-break-glass';

    expect(await allowedTo(find('admin'), changesOf(role), scp)).toEqual([`sts:AssumeRole ${role}`]);
    expect(await allowedTo(find('deploy'), changesOf(role), scp)).toEqual([`sts:AssumeRole ${role}`]);
  });

  test('leaves other keys, functions and roles of the account alone', async () => {
    const untouched = changesOf('Other').map((asked) => verdict(asked, find('admin'), scp));

    expect(await Promise.all(untouched)).toEqual(['allow', 'allow', 'allow', 'allow']);
  });

  test.each(policy.Statement.map(({ Sid }) => Sid))('needs its statement %s', async (sid) => {
    const Statement = policy.Statement.filter(({ Sid }) => Sid !== sid);
    const without = Policy.read('docs/scp.json', { ...policy, Statement });
    const everything = [...asks, ...changesOf('share-vault-break-glass')];

    expect((await allowedTo(find('admin'), everything, without)).length).toBeGreaterThan(
      (await allowedTo(find('admin'), everything, scp)).length,
    );
  });

  test('fits in what AWS takes', () => {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(SCP_LIMIT);
  });
});

/** What makes a role one's own, where its trust policy leaves that to the account. */
function changesOf(name: string): readonly Ask[] {
  const resource = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  return ['sts:AssumeRole', 'iam:CreateRole', 'iam:UpdateAssumeRolePolicy', 'iam:AttachRolePolicy'].map((action) => ({
    name: `${action} ${name}`,
    action,
    resource,
    ...(action === 'sts:AssumeRole' && { resourcePolicy: TRUSTS_ACCOUNT }),
  }));
}

const TRUSTS_ACCOUNT = Policy.read('Trust', {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
});

function find(name: string): Principal {
  const found = principals.get(name);
  if (!found) throw new Error(`expected one called ${name}, got none`);
  return found;
}
