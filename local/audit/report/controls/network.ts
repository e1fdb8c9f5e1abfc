import { type Resource, at } from '../../checks/template';
import { controlsOf, policy, property } from './control';

const GROUP = 'AWS::EC2::SecurityGroup';
const ENDPOINT = 'AWS::EC2::VPCEndpoint';
const NETWORK_STATE = 'aws ec2 describe-security-groups; aws ec2 describe-route-tables';
const isInterface = ({ properties }: Resource): boolean => at(properties, 'VpcEndpointType') === 'Interface';

export const NETWORK_CONTROLS = controlsOf('network', [
  {
    id: 'network-isolation',
    title: 'No route leads out of the network of the functions, or only the way through its firewall',
    standards: { hub: ['EC2.15'] },
    looks: [
      property('AWS::EC2::Subnet', 'MapPublicIpOnLaunch', { expected: 'not true', holds: (value) => value !== true }),
      property('AWS::EC2::Route', 'DestinationCidrBlock'),
    ],
    checks: ['networkIsIsolated'],
    beyond: 'Routes, gateways and peerings that others add to the VPC; a VPC that was passed in.',
    confirm: NETWORK_STATE,
  },
  {
    id: 'network-groups',
    title: 'Security groups admit only the vault, and let out only what the functions need',
    standards: { hub: ['EC2.18', 'EC2.19'], nag: ['AwsSolutions-EC23'] },
    looks: [
      property('AWS::EC2::SecurityGroupIngress', 'SourceSecurityGroupId'),
      property('AWS::EC2::SecurityGroupEgress', 'DestinationSecurityGroupId'),
      property(GROUP, 'SecurityGroupEgress'),
    ],
    checks: ['nothingComesIn', 'nothingGoesOut'],
    beyond: 'Rules that were added after the deploy.',
    confirm: NETWORK_STATE,
  },
  {
    id: 'network-default-group',
    title: 'The default security group of the VPC has no rules',
    standards: { hub: ['EC2.2'], cis: ['5.5'] },
    looks: [property('Custom::VpcRestrictDefaultSG', 'DefaultSecurityGroupId')],
    checks: ['defaultGroupIsClosed'],
    beyond: 'Rules that were added to it after the deploy.',
    confirm: `${NETWORK_STATE} --filters Name=group-name,Values=default`,
  },
  {
    id: 'network-flow-log',
    title: 'Traffic of the VPC is logged',
    standards: { hub: ['EC2.6'], cis: ['3.7'], nag: ['AwsSolutions-VPC7'] },
    looks: [property('AWS::EC2::FlowLog', 'TrafficType')],
    checks: ['trafficIsLogged'],
    beyond: 'A flow log that was deleted since.',
    confirm: 'aws ec2 describe-flow-logs',
  },
  {
    id: 'network-endpoints',
    title: 'KMS and Secrets Manager are reached through private endpoints with a policy, in two zones',
    standards: {},
    looks: [
      policy(ENDPOINT, 'PolicyDocument', undefined, isInterface),
      property(ENDPOINT, 'SubnetIds', undefined, isInterface),
      property(ENDPOINT, 'ServiceName'),
    ],
    checks: ['endpointsHaveAPolicy', 'endpointsSpanZones', 'endpointsServeTheFunctions'],
    beyond: 'An endpoint policy that was changed after the deploy.',
    confirm: 'aws ec2 describe-vpc-endpoints',
  },
  {
    id: 'network-firewall',
    title: 'A way out leads through a firewall that passes named hosts, drops the rest and logs',
    standards: { hub: ['NetworkFirewall.2', 'NetworkFirewall.3', 'NetworkFirewall.4', 'NetworkFirewall.5'] },
    optional: true,
    looks: [
      property('AWS::NetworkFirewall::FirewallPolicy', 'FirewallPolicy'),
      property('AWS::NetworkFirewall::RuleGroup', 'RuleGroup'),
      property('AWS::NetworkFirewall::LoggingConfiguration', 'LoggingConfiguration'),
    ],
    checks: ['firewallDropsByDefault', 'firewallPassesHosts', 'firewallIsLogged'],
    beyond: 'A name in a connection can be false: a firewall by name stops mistakes and known programs only.',
    confirm: 'aws network-firewall describe-firewall-policy',
  },
]);

export const SECRET_CONTROLS = controlsOf('secrets', [
  {
    id: 'secrets-key',
    title: "Secrets are encrypted under the vault's own key, begin empty, and have no policy or replica of their own",
    standards: {},
    exceptions: [
      {
        ids: ['SecretsManager.1', 'AwsSolutions-SMG4'],
        reason:
          "Dynamic makes the signing secret and a person copies it, so the vault can't rotate it. The former value is accepted for 26 hours.",
      },
    ],
    optional: true,
    looks: [
      property('AWS::SecretsManager::Secret', 'KmsKeyId', {
        expected: 'a value',
        holds: (value) => value !== undefined,
      }),
      property('AWS::SecretsManager::Secret', 'ReplicaRegions', {
        expected: 'none',
        holds: (value) => value === undefined,
      }),
    ],
    checks: ['secretsHaveTheOwnKey', 'secretsBeginEmpty', 'secretsOpenNoOtherWay'],
    beyond:
      'The value, and its age: Dynamic makes the signing secret, so it is replaced by hand and not automatically.',
    confirm: 'aws secretsmanager describe-secret --secret-id ARN (LastChangedDate)',
  },
  {
    id: 'published-parameters',
    title: 'Published parameters hold the own keys, secrets and aliases',
    standards: {},
    looks: [property('AWS::SSM::Parameter', 'Value')],
    checks: ['parametersHaveOwnValues'],
    beyond: 'A parameter that was written after the deploy.',
    confirm:
      'aws ssm get-parameters-by-path --path /share-vault/ENVIRONMENT --recursive; compare with the stack outputs',
  },
]);
