import { hasFirewall } from './egress';
import { OUTSIDE } from './elsewhere';
import { hasReseal } from './reseal';
import { rulesOf } from './reviewed/changes';
import { type VaultTemplate, ofType } from './template';

/** Returns the ids of all rules that report changes, those of a way out of the network included. */
export function changeRules(template: VaultTemplate): readonly string[] {
  const outside = ofType(template, 'AWS::EC2::SecurityGroup').some(({ id }) => id === OUTSIDE);
  return [
    ...rulesOf(template.environment).filter((rule) => rule !== 'VaultWatchChangesResealChanges' || hasReseal(template)),
    // test/lib/change-alarms.test.ts shows their reports
    ...(outside ? ['VaultWatchChangesEgressChanges'] : []),
    ...(hasFirewall(template) ? ['VaultWatchChangesFirewallChanges', 'VaultWatchChangesRouteChanges'] : []),
  ];
}
