import { describe, expect, test } from '@jest/globals';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { environmentsOf, matrixOf } from '../../../../local/audit/matrix/template-matrix';
import { tableOf } from '../../../../local/audit/matrix/table';
import { templatePrincipals } from '../../../../local/audit/matrix/template-principals';
import { VaultPolicies } from '../../../../local/audit/matrix/vault-policies';
import { type Mutation, add } from '../../../support/mutate';
import { ALLOWED } from './allowed';
import { matrixVault, ownTemplate } from './vault-app';

/** Returns the names of the requests to a vault that a principal of the template is allowed. */
async function allowed(environment: string, principal: string, defect?: Mutation): Promise<readonly string[]> {
  const template = ownTemplate(defect);
  const vault = new VaultPolicies(template, environment);
  const found = templatePrincipals(vault, template).find(({ name }) => name === principal);
  if (!found) throw new Error(`expected a principal ${principal}, got none`);
  return allowedTo(found, requestsOf(vault));
}

describe('the matrix of a template with any construct paths', () => {
  test('finds each vault by its functions', () => {
    expect(environmentsOf(ownTemplate())).toEqual(['blue', 'green']);
  });

  test.each(['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw', 'migrate'])(
    "allows the role of %s what the reviewed matrix of this repository's vault allows it",
    async (name) => {
      const reviewed = [...(ALLOWED[name] ?? [])].sort();

      expect([...(await allowed('green', name))].sort()).toEqual(reviewed);
    },
  );

  test('allows the receive role what it needs of each webhook key and nothing of the intake keys', async () => {
    expect([...(await allowed('blue', 'receive'))].sort()).toEqual([...(ALLOWED.receive ?? [])].sort());
  });

  test('has a request for each of several intake keys', async () => {
    const opened = (await allowed('blue', 'seal')).filter((name) => name.includes('intake key'));

    expect(opened).toEqual(['kms:Decrypt intake key intake-1, right', 'kms:Decrypt intake key intake-2, right']);
  });

  test.each([
    ['blue', 'Signer', ['lambda:InvokeFunction unseal:signer']],
    ['green', 'Signer', []],
    ['blue', 'Task', []],
    ['green', 'Task', ['lambda:InvokeFunction unseal:signer']],
    ['blue', 'account 666666666666', ['lambda:InvokeFunction unseal:partner']],
    ['blue', 'other account', []],
    ['blue', 'role without policies', []],
  ])('allows in %s the caller %s only what was granted', async (environment, principal, expected) => {
    expect(await allowed(environment, principal)).toEqual(expected);
  });

  test('allows the functions of one vault nothing of another vault in the same template', async () => {
    const { cells } = await matrixOf(ownTemplate(), 'blue');
    const foreign = cells.filter(({ principal }) => principal.name.startsWith('green '));

    expect(foreign.length).toBeGreaterThan(100);
    expect(foreign.filter(({ decision }) => decision.allowed)).toEqual([]);
  });

  test('shows a permission that a caller gained', async () => {
    const Statement = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' };
    const PolicyDocument = { Version: '2012-10-17', Statement };
    const defect = add('Wide', 'AWS::IAM::Policy', {
      PolicyName: 'Wide',
      PolicyDocument,
      Roles: [{ Ref: roleId('Task') }],
    });

    expect(await allowed('blue', 'Task', defect)).toContain('lambda:InvokeFunction unseal:signer');
  });

  test('keeps apart a role with the name of another principal, and functions of one role', async () => {
    const trust = { Version: '2012-10-17', Statement: [] };
    const role = (id: string): Mutation => add(id, 'AWS::IAM::Role', { AssumeRolePolicyDocument: trust });
    const worker = (id: string): Mutation =>
      add(id, 'AWS::Lambda::Function', {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Shared', 'Arn'] },
        Code: { ZipFile: 'exports.handler = 1' },
      });
    const defects = [role('root'), role('Shared'), worker('Worker1111AAAA'), worker('Worker2222BBBB')];
    const matrix = await matrixOf(ownTemplate((template) => defects.reduce((json, defect) => defect(json), template)), 'blue'); // prettier-ignore
    const names = matrix.principals.map(({ name }) => name);

    expect(names.filter((name, place) => names.indexOf(name) < place)).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['root', 'root (role)', 'Worker1111AAAA', 'Worker2222BBBB']));
    const rows = tableOf(matrix, { all: true, width: undefined });
    expect(rows.find((row) => row.startsWith('root (role)'))).not.toContain('ALLOW');
    expect(rows.find((row) => row.startsWith('root  '))).toContain('ALLOW');
  });

  test('has no requests for the webhook of a vault without one', () => {
    const requests = requestsOf(new VaultPolicies(ownTemplate(), 'green')).map(({ name }) => name);

    expect(requests.filter((name) => /webhook|receive$|receive:|signing/.test(name))).toEqual([]);
    expect(requests).toContain('kms:Decrypt share key, right');
  });

  test('has the consumers of this repository as roles of the template', async () => {
    const vault = matrixVault('dev');

    expect(await allowedTo(consumerOf(vault), requestsOf(vault))).toEqual(['lambda:InvokeFunction unseal:backend']);
  });
});

function consumerOf(vault: VaultPolicies) {
  const found = templatePrincipals(vault, vault.template).find(({ name }) => name === 'Consumer');
  if (!found) throw new Error('expected the role Consumer, got none');
  return found;
}

/** Returns the logical id of a role of the template. */
function roleId(prefix: string): string {
  const role = ownTemplate()
    .roles()
    .find(({ logicalId }) => logicalId.startsWith(prefix));
  if (!role) throw new Error(`expected a role ${prefix}…, got none`);
  return role.logicalId;
}
