import { type Check, type Finding } from './finding';
import { type Resource, type VaultTemplate, at, list, ofType } from './template';

const EVERYWHERE = '0.0.0.0/0';
/** A complete name of a host: at least three parts, or it could be a whole domain. */
const HOST = /^([a-z0-9-]+\.){2,}[a-z]{2,}$/;

/** What follows each part of the way out, by the route's id: table, destination, and target. */
const ROUTES: readonly (readonly [id: RegExp, table: string, destination: string, target: string, to: string])[] = [
  [/Functions(\d)Out$/, 'Functions', EVERYWHERE, 'VpcEndpointId', 'FirewallZone'],
  [/Firewall(\d)Out$/, 'Firewall', EVERYWHERE, 'NatGatewayId', 'Nat'],
  [/Nat(\d)DefaultRoute$/, 'Nat', EVERYWHERE, 'GatewayId', 'Gateway'],
  [/Nat(\d)Back$/, 'Nat', 'Functions', 'VpcEndpointId', 'FirewallZone'],
];

/** Returns whether a template has a firewall: without one, nothing may lead out. */
export function hasFirewall(template: VaultTemplate): boolean {
  return ofType(template, 'AWS::NetworkFirewall::Firewall').length > 0;
}

/** Functions reach the internet through the firewall only, and responses pass it as well. */
export function routeProblems(template: VaultTemplate): readonly Finding[] {
  const routes = ofType(template, 'AWS::EC2::Route').filter((route) => !isOfTheWay(route, template));
  const tables = ofType(template, 'AWS::EC2::SubnetRouteTableAssociation').filter(({ properties }) => {
    return partOf(at(properties, 'SubnetId'), 'Subnet') !== partOf(at(properties, 'RouteTableId'), 'RouteTable');
  });
  return [
    ...routes.map(({ id }) => ({
      resource: id,
      problem: 'expected a route of the way through the firewall, got another',
    })),
    ...tables.map(({ id }) => ({ resource: id, problem: "expected the subnet's own route table, got another" })),
  ];
}

function isOfTheWay({ id, properties }: Resource, template: VaultTemplate): boolean {
  return ROUTES.some(([pattern, table, destination, target, to]) => {
    const zone = pattern.exec(id)?.[1];
    if (zone === undefined) return false;
    const block = destination === EVERYWHERE ? EVERYWHERE : blockOf(template, `${destination}${zone}Subnet`);
    const { DestinationCidrBlock, RouteTableId, ...targets } = properties as Readonly<Record<string, unknown>>;
    const next = to === 'Gateway' ? 'VaultNetworkEgressGateway' : `VaultNetworkEgress${to}${zone}`;
    return (
      DestinationCidrBlock === block &&
      RouteTableId === `\${VaultNetworkEgress${table}${zone}RouteTable}` &&
      isSame(Object.keys(targets), [target]) &&
      JSON.stringify(targets[target]).includes(`{${next}`)
    );
  });
}

function blockOf(template: VaultTemplate, name: string): unknown {
  const subnet = ofType(template, 'AWS::EC2::Subnet').find(({ id }) => id === `VaultNetworkEgress${name}`);
  return at(subnet?.properties, 'CidrBlock');
}

function partOf(reference: unknown, suffix: string): string {
  return String(reference).replace(new RegExp(`${suffix}\\}$`), '');
}

const DROP = ['aws:drop_established_app_layer', 'aws:alert_established_app_layer'];

/** The firewall drops and reports whatever no rule passes. */
export const firewallDropsByDefault: Check = (template) =>
  ofType(template, 'AWS::NetworkFirewall::FirewallPolicy').flatMap(({ id, properties }) => {
    const policy = at(properties, 'FirewallPolicy');
    const strict = at(policy, 'StatefulEngineOptions', 'RuleOrder') === 'STRICT_ORDER';
    const closed =
      isSame(at(policy, 'StatelessDefaultActions'), ['aws:forward_to_sfe']) &&
      isSame(at(policy, 'StatelessFragmentDefaultActions'), ['aws:drop']) &&
      isSame(at(policy, 'StatefulDefaultActions'), DROP) &&
      at(policy, 'StatelessRuleGroupReferences') === undefined;
    return strict && closed ? [] : [{ resource: id, problem: 'expected a policy that drops by default, got another' }];
  });

/** The firewall passes TLS connections to complete names of hosts, and nothing else. */
export const firewallPassesHosts: Check = (template) =>
  ofType(template, 'AWS::NetworkFirewall::RuleGroup').flatMap(({ id, properties }) => {
    const source = at(properties, 'RuleGroup', 'RulesSource');
    const rules = at(source, 'RulesSourceList');
    const targets = list(at(rules, 'Targets'));
    const narrow =
      isSame(Object.keys(source ?? {}), ['RulesSourceList']) &&
      at(rules, 'GeneratedRulesType') === 'ALLOWLIST' &&
      isSame(at(rules, 'TargetTypes'), ['TLS_SNI']) &&
      targets.length > 0 &&
      targets.every((target) => HOST.test(String(target)));
    return narrow ? [] : [{ resource: id, problem: 'expected a list of complete names of hosts, got another rule' }];
  });

/** Each firewall logs connections and decisions. */
export const firewallIsLogged: Check = (template) =>
  ofType(template, 'AWS::NetworkFirewall::Firewall')
    .filter(({ id }) => !isLogged(template, id))
    .map(({ id }) => ({ resource: id, problem: 'expected a log of connections and decisions, got none' }));

function isLogged(template: VaultTemplate, firewall: string): boolean {
  return ofType(template, 'AWS::NetworkFirewall::LoggingConfiguration').some(({ properties }) => {
    const logs = list(at(properties, 'LoggingConfiguration', 'LogDestinationConfigs'));
    const types = logs.map((log) => at(log, 'LogType'));
    return String(at(properties, 'FirewallArn')).includes(`{${firewall}.`) && ['ALERT', 'FLOW'].every((type) => types.includes(type)); // prettier-ignore
  });
}

function isSame(value: unknown, wanted: readonly string[]): boolean {
  return JSON.stringify(value) === JSON.stringify(wanted);
}
