import { describe, expect, test } from '@jest/globals';
import { explainTemplate } from '../../../local/deploy';
import { consumerTemplate } from './support';

const SEALED = { environment: 'dev', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };
const template = consumerTemplate();

/** Logical ids end in eight digits that follow from the path. */
const ID = { shareKey: 'VaultKeysShareKeyD97035D7', unseal: 'VaultFunctionsunsealRoleF477841D' };
const ask = (principal: string, action: string, resource: string, context = {}) =>
  explainTemplate({ template }, { principal, action, resource, context });

describe('a decision by a template that does not run', () => {
  test.each([
    ['a function’s role', ID.unseal, 'kms:Decrypt', ID.shareKey, SEALED],
    ['the administrator', 'administrator', 'kms:DescribeKey', ID.shareKey, {}],
    ['the account itself', 'root', 'kms:DescribeKey', ID.shareKey, {}],
    ['a role by its name', 'watcher', 'lambda:InvokeFunction', 'VaultFunctionsauditActorauditor2178E2CA', {}],
  ])('allows %s', async (_whom, principal, action, resource, context) => {
    expect(await ask(principal, action, resource, context)).toMatchObject({ outcome: 'allowed' });
  });

  test.each([
    ['without its encryption context', ID.unseal, 'kms:Decrypt', ID.shareKey, {}],
    ['in another environment', ID.unseal, 'kms:Decrypt', ID.shareKey, { ...SEALED, environment: 'prod' }],
    ['from another network', ID.unseal, 'kms:Decrypt', ID.shareKey, { ...SEALED, 'aws:SourceVpc': 'vpc-1' }],
    ['with every permission of the account', 'administrator', 'kms:Decrypt', ID.shareKey, SEALED],
    ['as the account itself', 'root', 'kms:Decrypt', ID.shareKey, SEALED],
    ['as a service', 'logs.us-east-1.amazonaws.com', 'kms:Decrypt', ID.shareKey, SEALED],
  ])('refuses what is asked %s', async (_how, principal, action, resource, context) => {
    expect(await ask(principal, action, resource, context)).toMatchObject({ allowed: false });
  });

  test('is about nobody that the template does not know', async () => {
    await expect(ask('Nobody', 'kms:Decrypt', ID.shareKey)).rejects.toThrow(/expected a role of the template/);
  });
});
