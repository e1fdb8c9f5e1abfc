import { expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { testVault } from '../support/vault';

interface Resource {
  readonly DependsOn?: readonly string[];
}

test('no policy lets a function log in to another database before the migration ran, which freezes it', () => {
  const { stack } = testVault({ webhook: {} });
  const template = Template.fromStack(stack);
  const [trigger = ''] = Object.keys(template.findResources('Custom::Trigger'));
  const policies: Readonly<Record<string, Resource>> = template.findResources('AWS::IAM::ManagedPolicy');
  const logins = Object.entries(policies).filter(([, policy]) => JSON.stringify(policy).includes('rds-db:connect'));
  const early = logins.filter(([, { DependsOn = [] }]) => !DependsOn.includes(trigger));

  expect(logins.length).toBeGreaterThan(8);
  expect(early.map(([id]) => id)).toEqual([expect.stringMatching(/^VaultMigrationFunctionRolePermissions/)]);
});
