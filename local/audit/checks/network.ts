import { hasFirewall, routeProblems } from './egress';
import { isLinkRule, isProxyRule, OUTSIDE, portsOutside } from './elsewhere';
import { type Check, every, is, problems } from './finding';
import { type Resource, type VaultTemplate, at, list, ofType } from './template';

const GROUP = 'AWS::EC2::SecurityGroup';
const EGRESS = 'AWS::EC2::SecurityGroupEgress';
const INGRESS = 'AWS::EC2::SecurityGroupIngress';
/** The CDK's rule for no egress: a group without any rule would allow all of it. */
const NOWHERE = '255.255.255.255/32';

/** Functions reach their endpoints and their database, by port, and nothing else. */
export const nothingGoesOut: Check = (template) =>
  problems(GROUP, ofType(template, GROUP), (group) => {
    const inline = list(at(group.properties, 'SecurityGroupEgress'));
    const separate = rulesOf(template, EGRESS, group);
    return [
      ...(inline.length + separate.length === 0 ? ['expected a rule for what goes out, got none: all of it may'] : []),
      ...[...inline, ...separate]
        .filter((rule) => !(group.id === OUTSIDE && isWayOut(rule, template)))
        .filter((rule) => !isLinkRule(rule, group.id, at(rule, 'DestinationSecurityGroupId'), template))
        .flatMap((rule) => ruleProblems(rule, 'DestinationSecurityGroupId')),
    ];
  });

/** Only the vault's own groups may connect. */
export const nothingComesIn: Check = (template) =>
  problems(GROUP, ofType(template, GROUP), (group) =>
    [...list(at(group.properties, 'SecurityGroupIngress')), ...rulesOf(template, INGRESS, group)]
      .filter((rule) => !isLinkRule(rule, group.id, at(rule, 'SourceSecurityGroupId'), template))
      .flatMap((rule) => ruleProblems(rule, 'SourceSecurityGroupId')),
  );

/** EC2.2: the VPC's default group has no rules. */
export const defaultGroupIsClosed: Check = (template) =>
  problems('AWS::EC2::VPC', ofType(template, 'AWS::EC2::VPC'), ({ id }) =>
    ofType(template, 'Custom::VpcRestrictDefaultSG').some(
      ({ properties }) => at(properties, 'DefaultSecurityGroupId') === `\${${id}.DefaultSecurityGroup}`,
    )
      ? []
      : ['expected its default security group to be closed, got it left as it is'],
  );

/** EC2.6. */
export const trafficIsLogged: Check = (template) =>
  problems('AWS::EC2::VPC', ofType(template, 'AWS::EC2::VPC'), ({ id }) =>
    ofType(template, 'AWS::EC2::FlowLog').some(
      ({ properties }) => at(properties, 'ResourceId') === `\${${id}}` && at(properties, 'TrafficType') === 'ALL',
    )
      ? []
      : ['expected a flow log of all traffic, got none'],
  );

/** Parts of a way through a firewall. */
const FIREWALLED = ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::Route'];
const WAYS_OUT = [
  ...FIREWALLED,
  'AWS::EC2::EgressOnlyInternetGateway',
  'AWS::EC2::TransitGatewayAttachment',
  'AWS::EC2::VPCPeeringConnection',
];

/** Nothing leads out, or only the way through the firewall. */
export const networkIsIsolated: Check = (template) => [
  ...routeProblems(template).filter(() => hasFirewall(template)),
  ...WAYS_OUT.filter((type) => !hasFirewall(template) || !FIREWALLED.includes(type))
    .flatMap((type) => ofType(template, type))
    .map(({ id, type }) => ({
      resource: id,
      problem: `expected a network without a way out, got ${type}`,
    })),
  ...every('AWS::EC2::Subnet', ['MapPublicIpOnLaunch'], is(false))(template),
];

function rulesOf(template: VaultTemplate, type: string, group: Resource): readonly unknown[] {
  return ofType(template, type)
    .map(({ properties }) => properties)
    .filter((rule) => at(rule, 'GroupId') === `\${${group.id}.GroupId}`);
}

/** Returns whether a rule leaves the choice of the host to the firewall or to a proxy. */
function isWayOut(rule: unknown, template: VaultTemplate): boolean {
  return (hasFirewall(template) && isServiceAnywhere(rule, template)) || isProxyRule(rule, template);
}

function isServiceAnywhere(rule: unknown, template: VaultTemplate): boolean {
  const { CidrIp, IpProtocol, FromPort, ToPort } = rule as Readonly<Record<string, unknown>>;
  const ports = portsOutside(template);
  return CidrIp === '0.0.0.0/0' && IpProtocol === 'tcp' && FromPort === ToPort && ports.some((port) => port === FromPort); // prettier-ignore
}

function ruleProblems(rule: unknown, peer: string): readonly string[] {
  if (at(rule, 'CidrIp') === NOWHERE) return [];
  const port = at(rule, 'FromPort');
  const narrow =
    /^\$\{Vault\w+\.GroupId\}$/.test(String(at(rule, peer))) &&
    at(rule, 'IpProtocol') === 'tcp' &&
    (port === 443 || port === 5433) &&
    at(rule, 'ToPort') === port;
  return narrow ? [] : [`expected one port and one of the vault's groups, got ${JSON.stringify(rule)}`];
}
