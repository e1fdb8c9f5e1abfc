import type { EgressWatch } from './egress-context';
import { FIREWALL_CHANGES, GROUP_CHANGES, NETWORK_CHANGES, ROUTE_CHANGES } from './watched-events';
import type { WatchRule } from './watch-rule';

/** Members by which calls of Network Firewall name a resource: its name, its ARN, or both. */
const FIREWALL_MEMBERS = ['firewall', 'firewallPolicy', 'ruleGroup'].flatMap((part) => [`${part}Name`, `${part}Arn`]);

/** Returns the rules that watch a way out of the network: routes, security groups and firewall decide where it leads. */
export function egressRules(environment: string, watch: EgressWatch): readonly WatchRule[] {
  const { routeTableIds, groupIds, firewall } = watch;
  return [
    {
      id: 'EgressChanges',
      about: "the security groups of functions were changed, or what may be the network's routes, rules or gateways",
      services: ['ec2'],
      detail: {
        $or: [
          { eventName: [...GROUP_CHANGES], requestParameters: { groupId: [...groupIds] } },
          { eventName: [...NETWORK_CHANGES] },
        ],
      },
    },
    ...(routeTableIds.length > 0 ? [routeRule(routeTableIds)] : []),
    ...(firewall ? [firewallRule(environment)] : []),
  ];
}

function routeRule(routeTableIds: readonly string[]): WatchRule {
  return {
    id: 'RouteChanges',
    about: 'a route of the network was changed',
    services: ['ec2'],
    detail: { eventName: [...ROUTE_CHANGES], requestParameters: { routeTableId: [...routeTableIds] } },
  };
}

function firewallRule(environment: string): WatchRule {
  const ours = [{ wildcard: `*share-vault-${environment}-*` }];
  return {
    id: 'FirewallChanges',
    about: 'a firewall, its policy, its list of hosts or its log was changed',
    services: ['network-firewall'],
    detail: {
      eventSource: ['network-firewall.amazonaws.com'],
      eventName: FIREWALL_CHANGES.map((prefix) => ({ prefix })),
      $or: FIREWALL_MEMBERS.map((member) => ({ requestParameters: { [member]: ours } })),
    },
  };
}
