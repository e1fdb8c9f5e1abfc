import { beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROL_POLICIES } from '../../../../local/audit/matrix/control-policies';
import { controlTable } from '../../../../local/audit/matrix/control-table';
import { csvRows, recordOf } from '../../../../local/audit/matrix/records';
import { tableOf } from '../../../../local/audit/matrix/table';
import { type TemplateMatrix, matrixOf } from '../../../../local/audit/matrix/template-matrix';
import { add, all, type Mutation } from '../../../support/mutate';
import { matrixVault, ownTemplate } from './vault-app';

const EMPTY_POLICY = { PolicyDocument: { Version: '2012-10-17', Statement: [] } };

describe('the printed matrix of a template', () => {
  let blue: TemplateMatrix;
  beforeAll(async () => {
    blue = await matrixOf(ownTemplate(), 'blue');
  });

  test('fits a terminal of 80 columns, as several tables below each other', () => {
    const short = tableOf(blue, { all: false, width: 80 });
    const whole = tableOf(blue, { all: true, width: 80 });

    expect([...short, ...whole].filter((line) => line.length > 80)).toEqual([]);
    expect(short.filter((line) => /^Signer +/.test(line))).toHaveLength(3);
  });

  test('marks what is allowed, and leaves out who is allowed nothing and what no one is allowed', () => {
    const lines = tableOf(blue, { all: false, width: undefined });

    expect(lines.find((line) => line.startsWith('Signer '))).toMatch(/^Signer +(- +){6}ALLOW +(- +)*-$/);
    expect(lines.filter((line) => line.startsWith('audit '))).toEqual([]);
    expect(lines.find((line) => line.startsWith('Allowed none of these'))).toContain('audit, ');
    expect(lines).toContain("Allowed to no one: sts:AssumeRole unseal's role");
  });

  test('has with all every principal and every request', () => {
    const lines = tableOf(blue, { all: true, width: undefined });

    const missing = blue.principals.filter(({ name }) => !lines.some((line) => line.startsWith(`${name} `)));

    expect(missing).toEqual([]);
    expect(lines[lines.indexOf('lambda:InvokeFunction unseal:signer') + 1]).toBe('    Signer, root, administrator');
    expect(lines[lines.indexOf("sts:AssumeRole unseal's role") + 1]).toBe('    no one');
  });

  test('names the policies that it does not know', () => {
    const lines = tableOf(blue, { all: false, width: undefined });

    expect(lines).toContain('    Task: AWS managed policy service-role/AmazonECSTaskExecutionRolePolicy');
  });

  test('gives principals different names, also if their logical ids have the same beginning and end', async () => {
    const lines = tableOf(await matrixOf(ownTemplate(roles('A', 'B')), 'blue'), { all: true, width: 80 });

    expect(lines.filter((line) => /^LongNameOfAR.*Role( 2)? +-/.test(line))).toHaveLength(6);
    expect(lines.filter((line) => /^LongNameOfAR\S+ 2 +LongNameOfARoleXXXXBXXXXXXXXXRole$/.test(line))).toHaveLength(1);
  });
});

/** Adds roles whose logical ids differ in the middle. */
function roles(...letters: readonly string[]): Mutation {
  const AssumeRolePolicyDocument = EMPTY_POLICY.PolicyDocument;
  return all(
    ...letters.map((one) => {
      return add(`LongNameOfARoleXXXX${one}XXXXXXXXXRole`, 'AWS::IAM::Role', { AssumeRolePolicyDocument });
    }),
  );
}

describe('the records of a matrix', () => {
  let blue: TemplateMatrix;
  beforeAll(async () => {
    blue = await matrixOf(ownTemplate(), 'blue');
  });

  test('have one row for each allowed cell, and with all for each cell', () => {
    const allowed = csvRows(blue, false);

    expect(allowed.filter(([, principal]) => principal === 'Signer')).toEqual([
      [
        'blue',
        'Signer',
        expect.stringMatching(/^arn:aws:iam::555555555555:role\/Wallets-SignerServiceRole/),
        'lambda:InvokeFunction unseal:signer',
        'lambda:InvokeFunction',
        'arn:aws:lambda:eu-west-1:555555555555:function:share-vault-blue-unseal:signer',
        'allowed',
        expect.stringMatching(/^allowed by SignerServiceRoleDefaultPolicy\w+\/#1 \(identity\)$/),
      ],
    ]);
    expect(csvRows(blue, true)).toHaveLength(blue.principals.length * blue.requests.length);
  });

  test('name as JSON the place, the principals, the requests and the statements that decide', () => {
    expect(recordOf(blue, false)).toMatchObject({
      environment: 'blue',
      account: '555555555555',
      region: 'eu-west-1',
      principals: expect.arrayContaining([
        expect.objectContaining({
          name: 'Task',
          unknownPolicies: ['AWS managed policy service-role/AmazonECSTaskExecutionRolePolicy'],
        }),
      ]),
      decisions: expect.arrayContaining([
        expect.objectContaining({
          principal: 'unseal',
          request: 'kms:Decrypt share key, right',
          result: 'allowed',
          by: expect.arrayContaining([expect.objectContaining({ kind: 'resource', statement: 'AllowUnseal' })]),
        }),
      ]),
    });
  });
});

describe('the printed effect of the sample service control policies', () => {
  test('shows what they close to an administrator and leave to the deploy', async () => {
    const lines = await controlTable(matrixVault('prod'), CONTROL_POLICIES);

    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(120);
    expect(lines.find((line) => line.startsWith('lambda:UpdateFunctionCode'))).toMatch(/ALLOW +- +- +ALLOW +ALLOW$/);
  });
});
