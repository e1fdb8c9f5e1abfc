import { describe, expect, test } from '@jest/globals';
import { MaterialKind } from '../../../lib/material-kind';
import { Operation } from '../../../lib/operation';
import { environmentTemplate } from '../../support/environment-template';
import type { TemplateJson } from '../../support/mutate';
import { testVault } from '../../support/vault';
import { CHECKS, audit } from '../../../local/audit/checks';
import { ofType, readTemplate } from '../../../local/audit/checks/template';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;

const read = (environment: (typeof ENVIRONMENTS)[number]) =>
  readTemplate(environment, environmentTemplate(environment));

describe('the checks', () => {
  test('accept an account that may invoke an actor', () => {
    const { vault, template } = testVault();
    vault.addActor('partner', {
      kinds: [MaterialKind.DELEGATED_SHARE],
      operations: [Operation.UNSEAL],
      accounts: ['210987654321'],
    });

    const read = readTemplate('staging', template().toJSON() as TemplateJson);

    // the other is the daily sweep's
    expect(ofType(read, 'AWS::Lambda::Permission')).toHaveLength(2);
    expect([...CHECKS.permissionsNameTheirCaller(read), ...CHECKS.permissionsNameAnAlias(read)]).toEqual([]);
  });

  test('know the alarm on a bucket of tombstones, and miss none without a bucket', () => {
    const found = (props: Parameters<typeof testVault>[0]) => {
      const template = readTemplate('staging', testVault(props).template().toJSON() as TemplateJson);
      return CHECKS.alarmsMeasureTheVault(template).filter(({ resource }) => /tombstones/i.test(resource));
    };

    expect([...found({ tombstones: {} }), ...found({})]).toEqual([]);
  });

  test('have nothing against a vault that tests its restores', () => {
    const made = JSON.parse(JSON.stringify(testVault({ restoreTesting: {}, webhook: {} }).template().toJSON())) as TemplateJson; // prettier-ignore
    const own = audit(readTemplate('staging', made)).filter(({ resource }) => resource.includes('Restore'));

    expect(own).toEqual([]);
  });

  test.each([
    ['machineTestsRestoresOnly', /aws-sdk:rds:describeDBInstances/g, 'aws-sdk:rds:deleteDBCluster'],
    ['machineTestsRestoresOnly', /restore-check:check/g, 'unseal:signer'],
    ['restoreRoleServesOneMachine', /stateMachine:share-vault-staging-restore-test/g, 'stateMachine:*'],
    ['rolesMayNoMore', /:db:awsbackup-restore-test-\*/g, ':db:*'],
    ['shareKeyNeedsContext', /"kms:EncryptionContext:kind":"restore-canary",/g, ''],
    ['alarmsMeasureTheVault', /DaysSinceRestoreTest/g, 'DaysSinceRestore'],
  ] as const)('find by %s a restore test with %s changed', (check, from, to) => {
    const text = JSON.stringify(testVault({ restoreTesting: {}, webhook: {} }).template().toJSON());
    const changed = text.replace(from, to);

    expect(changed).not.toBe(text);
    expect(CHECKS[check](readTemplate('staging', JSON.parse(changed) as TemplateJson))).not.toEqual([]);
    expect(CHECKS[check](readTemplate('staging', JSON.parse(text) as TemplateJson)).filter(({ resource }) => /Restore|ShareKey/.test(resource))).toEqual([]); // prettier-ignore
  });

  test.each(ENVIRONMENTS)('have nothing against %s', (environment) => {
    expect(audit(read(environment))).toEqual([]);
  });

  test.each(ENVIRONMENTS)('find every resource of %s under a name of its own', (environment) => {
    const { resources } = read(environment);

    expect(new Set(resources.map(({ id }) => id)).size).toBe(resources.length);
  });

  test('find defects in an empty template', () => {
    const found = new Set(audit(readTemplate('prod', { Resources: {} })).map(({ check }) => check));

    expect(Object.keys(CHECKS).filter((name) => !found.has(name))).toEqual([
      // these look for resources that must not exist
      'permissionsNameAnAlias',
      'permissionsNameTheirCaller',
      'replacedStateIsRetained',
      'stateIsRetained',
      'bucketIsPrivate',
      'bucketKeepsObjects',
      'bucketPolicyDenies',
      'firewallDropsByDefault',
      'firewallIsLogged',
      'firewallPassesHosts',
      'rightsElsewhereAreBound',
      'machineRoleServesOneMachine',
      'nobodyElseReseals',
      'rulesStartOneMachine',
      'machineTestsRestoresOnly',
      'restoreRoleServesOneMachine',
      'nothingElseCalls',
      'conditionsAreKnown',
      'storedSecretOpensThroughItsService',
      'transportKeysFixTheAlgorithm',
      'policiesAreManaged',
      'policiesNameWhatTheyAllow',
      'secretsBeginEmpty',
      'secretsHaveTheOwnKey',
      'secretsOpenNoOtherWay',
      'variablesHoldNoSecret',
      'topicNamesItsPublishers',
    ]);
  });
});
