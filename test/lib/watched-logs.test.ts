import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { ROLE_COMMANDS, roleChanges } from '../../lib/private/log-metrics';
import { plain } from '../../local/audit/plain';
import { propertiesOf } from '../support/resources';
import { testVault } from '../support/vault';

const template = testVault({ webhook: {} }).template();

describe('the logs', () => {
  test('of the database are counted for logins that failed, by whatever PostgreSQL calls them', () => {
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: Match.stringLikeRegexp('^VaultDatabaseLog') },
      FilterPattern: '?"authentication failed" ?"no pg_hba.conf entry" ?"pg_hba.conf rejects"',
    });
  });

  test('of the database are counted for each command that changes a role', () => {
    const filters = [...propertiesOf(template, 'AWS::Logs::MetricFilter', 'VaultWatchAlarmsRoleChanges').values()];

    expect(filters.map(({ FilterPattern }) => FilterPattern)).toEqual([
      ...ROLE_COMMANDS.map((command) => `"):vault_" ",ROLE,${command},"`),
      '"reset a setting that a login role had"',
    ]);
    expect(filters.map(({ MetricTransformations }) => MetricTransformations)).toEqual(
      Array(6).fill([{ MetricName: 'RoleChanges', MetricNamespace: 'ShareVault/staging', MetricValue: '1' }]),
    );
  });

  const PREFIX = '2026-11-01 08:00:00 UTC:10.0.1.7(42434)';
  test.each([
    [`${PREFIX}:vault_revoker@vault:[517]:LOG:  AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,alter user vault_revoker set synchronous_commit = off,<not logged>`, true], // prettier-ignore
    [`${PREFIX}:vault_reader@postgres:[517]:LOG:  AUDIT: SESSION,2,1,ROLE,ALTER ROLE,,,/* :rdsadmin@ */ ALTER ROLE CURRENT_USER RESET ALL,<not logged>`, true], // prettier-ignore
    [`${PREFIX}:vault_master@vault:[517]:LOG:  AUDIT: SESSION,4,1,ROLE,ALTER ROLE,,,ALTER ROLE vault_reader PASSWORD <REDACTED>,<not logged>`, true], // prettier-ignore
    [`${PREFIX}:rdsadmin@rdsadmin:[517]:LOG:  AUDIT: SESSION,4,1,ROLE,ALTER ROLE,,,ALTER ROLE vault_master PASSWORD <REDACTED>,<not logged>`, false], // prettier-ignore
    [`${PREFIX}:vault_master@vault:[517]:LOG:  AUDIT: SESSION,9,1,ROLE,GRANT,TABLE,,"GRANT SELECT ON vault.wallets TO rds_pgaudit",<not logged>`, false], // prettier-ignore
  ])('of the database have the line "%s" of a changed role: %s', (line, counted) => {
    const terms = (roleChanges('ALTER ROLE').logPatternString.match(/"[^"]+"/g) ?? []).map((term) => term.slice(1, -1));

    expect(terms.every((term) => line.includes(term))).toBe(counted);
  });

  test.each(['AwsSecretKey', 'OpenSshPrivateKey', 'PkcsPrivateKey'])('of functions mask every %s', (identifier) => {
    const [group] = propertiesOf(template, 'AWS::Logs::LogGroup', 'VaultFunctionsunseal').values();

    expect(JSON.stringify(plain(group?.DataProtectionPolicy))).toContain(`data-identifier/${identifier}"`);
  });

  test.each(['CompactJwe', 'SecretShare'])('of functions mask what looks like %s', (identifier) => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      DataProtectionPolicy: {
        Statement: [
          Match.objectLike({ Operation: { Audit: Match.anyValue() } }),
          Match.objectLike({
            DataIdentifier: Match.arrayWith([identifier]),
            Operation: { Deidentify: { MaskConfig: {} } },
          }),
        ],
      },
    });
  });

  test.each([
    ['CompactJwe', 'eyJhbGciOiJFQ0RILUVTIn0..aXY.Y3Q.dGFn'],
    ['SecretShare', '{"secretShare":"bm90LWEtc2hhcmU="}'],
  ])('mask %s by an expression that finds it', (identifier, text) => {
    const [group] = propertiesOf(template, 'AWS::Logs::LogGroup', 'VaultFunctionsunseal').values();
    const { Configuration } = group?.DataProtectionPolicy as {
      readonly Configuration: {
        readonly CustomDataIdentifier: readonly { readonly Name: string; readonly Regex: string }[];
      };
    };
    const found = Configuration.CustomDataIdentifier.find(({ Name }) => Name === identifier);

    expect(text).toMatch(new RegExp(found?.Regex ?? '^$'));
  });
});
