import { describe, expect, test } from '@jest/globals';
import { audit } from '../../../local/audit/checks';
import { readTemplate } from '../../../local/audit/checks/template';
import { Egress } from '../../../lib/egress';
import { googleKey } from '../../support/external-keys';
import { add, drop, type Mutation, set, type TemplateJson } from '../../support/mutate';
import { testVault } from '../../support/vault';

const NETWORK = [
  'networkIsIsolated',
  'nothingGoesOut',
  'nothingComesIn',
  'firewallDropsByDefault',
  'firewallIsLogged',
  'firewallPassesHosts',
  'changesAreReported',
];

const made = (egress: Egress) =>
  testVault({ webhook: {}, otherKeys: [googleKey()], egress })
    .template()
    .toJSON() as TemplateJson;
const firewalled = made(Egress.firewall());

type Defect = readonly [string, Mutation, string];

/** The findings about the network, as `check resource`. */
function findingsOf(template: TemplateJson): readonly string[] {
  return audit(readTemplate('staging', template))
    .filter(({ check }) => NETWORK.includes(check))
    .map(({ check, resource }) => `${check} ${resource}`);
}

const EGRESS = 'VaultNetworkEgress';
const POLICY = `${EGRESS}FirewallPolicy`;
const RULES = `${EGRESS}FirewallRules`;
const TARGETS = ['Properties', 'RuleGroup', 'RulesSource', 'RulesSourceList', 'Targets'] as const;
const GATEWAY = { 'Fn::GetAtt': ['VaultNetworkEgressGateway00000000', 'InternetGatewayId'] };

describe('the checks of a network with a firewall', () => {
  test('have nothing against the way that Egress.firewall() makes', () => {
    expect(findingsOf(firewalled)).toEqual([]);
  });

  const defects: readonly Defect[] = [
    [
      'functions have a route to the internet gateway',
      set(`${EGRESS}Functions1Out`, ['Properties'], {
        ...{ DestinationCidrBlock: '0.0.0.0/0', GatewayId: GATEWAY },
        RouteTableId: { Ref: 'VaultNetworkEgressFunctions1RouteTable00000000' },
      }),
      `networkIsIsolated ${EGRESS}Functions1Out`,
    ],
    [
      'responses go around the firewall',
      set(`${EGRESS}Nat1Back`, ['Properties', 'DestinationCidrBlock'], '10.0.0.0/25'),
      `networkIsIsolated ${EGRESS}Nat1Back`,
    ],
    [
      'another route leads out of the subnets of the database',
      add('Route', 'AWS::EC2::Route', { DestinationCidrBlock: '0.0.0.0/0', GatewayId: GATEWAY }),
      'networkIsIsolated Route',
    ],
    [
      'the policy of the firewall has no drop by default',
      set(POLICY, ['Properties', 'FirewallPolicy', 'StatefulDefaultActions'], ['aws:alert_established_app_layer']),
      `firewallDropsByDefault ${POLICY}`,
    ],
    [
      'the policy of the firewall passes what no stateless rule matches',
      set(POLICY, ['Properties', 'FirewallPolicy', 'StatelessDefaultActions'], ['aws:pass']),
      `firewallDropsByDefault ${POLICY}`,
    ],
    ['the firewall passes a whole domain', set(RULES, TARGETS, ['.com']), `firewallPassesHosts ${RULES}`],
    ['the firewall passes an incomplete name', set(RULES, TARGETS, ['googleapis.com']), `firewallPassesHosts ${RULES}`],
    ['the firewall passes nothing', set(RULES, TARGETS, []), `firewallPassesHosts ${RULES}`],
    ['a firewall has no log', drop(`${EGRESS}FirewallLogging1`), `firewallIsLogged ${EGRESS}FirewallZone1`],
    [
      'functions reach all ports',
      set('VaultNetworkOutside', ['Properties', 'SecurityGroupEgress', 0, 'IpProtocol'], '-1'),
      'nothingGoesOut VaultNetworkOutside',
    ],
    ...['Egress', 'Route', 'Firewall'].map((name): Defect => [
      `nothing reports changes: ${name}`,
      drop(`VaultWatchChanges${name}Changes`),
      `changesAreReported VaultWatchChanges${name}Changes`,
    ]),
  ];

  test.each(defects)('find that %s', (_defect, mutation, finding) => {
    expect(findingsOf(mutation(firewalled))).toEqual([finding]);
  });
});

describe('the checks of a network with NAT gateways only', () => {
  test('find its ways out', () => {
    const findings = findingsOf(made(Egress.natGateway()));

    expect(findings).toContain(`networkIsIsolated ${EGRESS}Gateway`);
    expect(findings).toContain(`networkIsIsolated ${EGRESS}Functions1Out`);
    expect(findings).toContain('nothingGoesOut VaultNetworkOutside');
  });
});
