import { describe, expect, test } from '@jest/globals';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { Match } from 'aws-cdk-lib/assertions';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import type { TemplateJson } from '../support/mutate';
import { valuesOf } from '../support/resources';
import { fixtureBundles } from '../support/synth';
import { testVault } from '../support/vault';

const GROUP = 'VaultDatabaseGroup';
const before = templateOf({});

function templateOf(props: Partial<ShareVaultProps>): TemplateJson {
  return testVault(props).template().toJSON() as TemplateJson;
}

/** Returns the effect of a change of props on the database's security group, and its name before and after. */
function groupAfter(props: Partial<ShareVaultProps>) {
  const changed = fullDiff(before, templateOf(props)).resources.changes;
  const [[, group] = []] = Object.entries(changed).filter(([id]) => id.startsWith(GROUP));
  return {
    impact: group?.changeImpact,
    names: [group?.oldProperties?.GroupName as unknown, group?.newProperties?.GroupName as unknown],
  };
}

describe('the security group of the database', () => {
  test.each<[string, Partial<ShareVaultProps>]>([
    ['another environment', { environment: 'other' }],
    ['another cluster identifier', { clusterIdentifier: 'payments-vault' }],
    ['another address range of the network', { cidr: '10.9.0.0/24' }],
  ])('keeps its name and has to be replaced for %s, which CloudFormation refuses', (_what, props) => {
    const { impact, names } = groupAfter(props);

    // a new address range replaces the network, and the new one has another id
    expect([ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE]).toContain(impact);
    expect(names[0]).toBeDefined();
    expect(names[1]).toEqual(names[0]);
  });

  test('is unchanged by a change that keeps the database', () => {
    expect(groupAfter({ maxCapacity: 8, restoreToken: 'restored' }).impact).toBeUndefined();
  });

  test('comes before the cluster, which is then never asked to be replaced', () => {
    testVault()
      .template()
      .hasResourceProperties('AWS::RDS::DBCluster', {
        VpcSecurityGroupIds: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^VaultDatabaseGroup'), 'GroupId'] }],
      });
  });

  test('has another name in another vault of the same stack, and in the next stack', () => {
    const { stack, template } = testVault();
    new ShareVault(stack, 'Second', { environment: 'other', bundles: fixtureBundles() });
    const names = valuesOf(template(), 'AWS::EC2::SecurityGroup', 'GroupName').filter((name) => name !== undefined);

    expect(names).toEqual([expect.anything(), expect.anything()]);
    expect(names[0]).not.toEqual(names[1]);
    expect(JSON.stringify(names[0])).toContain('{"Ref":"AWS::StackId"}');
  });
});
