import { expect, test } from '@jest/globals';
import { plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const template = testVault({ webhook: {} }).template();

test("the dashboard shows the webhook and the callers' operations", () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();

  expect(String(plain(dashboard?.DashboardBody))).toContain('share-vault-staging-receive');
});

test('the dashboard shows how many unseals were refused', () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();

  expect(String(plain(dashboard?.DashboardBody))).toContain('"ShareVault","Refused"');
});

test('the dashboards of two regions of one account have names of their own', () => {
  const names = ['eu-west-1', 'us-east-1'].map((region) => {
    const stack = testStack({ env: { account: '111111111111', region } }, cdkApp());
    const { template: made } = testVault({ availabilityZones: [`${region}a`, `${region}b`] }, stack);
    return [...propertiesOf(made(), 'AWS::CloudWatch::Dashboard').values()].map(({ DashboardName }) => DashboardName);
  });

  expect(names).toEqual([['share-vault-staging-eu-west-1'], ['share-vault-staging-us-east-1']]);
});

test('the dashboard of a region that is known only at deploy is named by it, in letters that CloudWatch accepts', () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();

  expect(plain(dashboard?.DashboardName)).toBe('share-vault-staging-${AWS::Region}');
  expect(`share-vault-${'e'.repeat(16)}-ap-southeast-1`).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
});

test('the dashboard has nine graphs in three rows', () => {
  const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values();
  const body = String(plain(dashboard?.DashboardBody));

  const { widgets } = JSON.parse(body) as { readonly widgets: readonly { readonly x: number; readonly y: number }[] };
  expect(widgets.map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [8, 0],
    [16, 0],
    [0, 6],
    [8, 6],
    [16, 6],
    [0, 12],
    [8, 12],
    [16, 12],
  ]);
});
