import { hasFirewall } from './egress';
import { hasBucket } from './tombstones';
import { OUTSIDE } from './elsewhere';
import { hasReseal } from './reseal';
import { testsRestores } from './restore-testing';
import { rulesOf } from './reviewed/changes';
import { type VaultTemplate, ofType } from './template';

/** Returns the ids of all rules that report changes, those of a way out of the network included. */
export function changeRules(template: VaultTemplate): readonly string[] {
  const outside = ofType(template, 'AWS::EC2::SecurityGroup').some(({ id }) => id === OUTSIDE);
  return [
    ...rulesOf(template.environment).filter((rule) => !without(template).includes(rule)),
    // test/lib/change-alarms.test.ts shows their reports
    ...(outside ? ['VaultWatchChangesEgressChanges'] : []),
    ...(hasFirewall(template) ? ['VaultWatchChangesFirewallChanges', 'VaultWatchChangesRouteChanges'] : []),
  ];
}

/** Returns the ids of rules about parts that a vault doesn't have. */
function without(template: VaultTemplate): readonly string[] {
  return [
    ...(hasReseal(template) ? [] : ['VaultWatchChangesResealChanges']),
    ...(testsRestores(template) ? [] : ['VaultWatchChangesRestoreTestChanges', 'VaultWatchChangesRestoredCopyChanges']),
    ...(hasBucket(template) ? [] : ['VaultWatchChangesBucketChanges']),
  ];
}
