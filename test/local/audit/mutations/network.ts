import { add, append, drop, remove, set } from '../../../support/mutate';
import { type Defect, POLICY, sid } from './defect';

const KMS_ENDPOINT = 'VaultNetworkEndpointkms';
const FUNCTIONS_GROUP = 'VaultNetworkFunctions';
const DATABASE_GROUP = 'VaultDatabaseGroup';
const ofUnseal = (statement: unknown) => JSON.stringify(statement).includes('VaultFunctionsunsealRole');
const anywhere = { CidrIp: '0.0.0.0/0', IpProtocol: '-1' };

/** Security groups, the network and its endpoints. */
export const NETWORK_DEFECTS: readonly Defect[] = [
  {
    defect: 'functions reach everything',
    mutation: set(FUNCTIONS_GROUP, ['Properties', 'SecurityGroupEgress'], [anywhere]),
    caughtBy: { nothingGoesOut: [FUNCTIONS_GROUP] },
  },
  {
    defect: 'a group without a rule lets everything out',
    mutation: remove(DATABASE_GROUP, ['Properties', 'SecurityGroupEgress']),
    caughtBy: { nothingGoesOut: [DATABASE_GROUP] },
  },
  {
    defect: 'the database answers anyone',
    mutation: set(DATABASE_GROUP, ['Properties', 'SecurityGroupIngress'], [anywhere]),
    caughtBy: { nothingComesIn: [DATABASE_GROUP] },
  },
  {
    defect: 'the default security group is open',
    mutation: drop('VaultNetworkVpcRestrictDefaultSecurityGroupCustomResource'),
    caughtBy: { defaultGroupIsClosed: ['VaultNetworkVpc'] },
  },
  {
    defect: 'the flow log is gone',
    mutation: drop('VaultNetworkVpcFlowLog'),
    caughtBy: { trafficIsLogged: ['VaultNetworkVpc'] },
  },
  {
    defect: 'the network has a way to the internet',
    mutation: add('Gateway', 'AWS::EC2::InternetGateway', {}),
    caughtBy: { networkIsIsolated: ['Gateway'] },
  },
  {
    defect: 'a policy of a firewall passes what no rule matches',
    mutation: add('Policy', 'AWS::NetworkFirewall::FirewallPolicy', { FirewallPolicy: {} }),
    caughtBy: { firewallDropsByDefault: ['Policy'] },
  },
  {
    defect: 'a firewall has rules that are no list of hosts',
    mutation: add('Rules', 'AWS::NetworkFirewall::RuleGroup', { RuleGroup: { RulesSource: { RulesString: 'pass' } } }),
    caughtBy: { firewallPassesHosts: ['Rules'] },
  },
  {
    defect: 'a firewall has no log',
    mutation: add('Firewall', 'AWS::NetworkFirewall::Firewall', {}),
    caughtBy: {
      firewallIsLogged: ['Firewall'],
      // nothing of this template reports changes of a firewall
      changesAreReported: ['VaultWatchChangesFirewallChanges', 'VaultWatchChangesRouteChanges'],
      everythingIsAlarmed: ['VaultWatchChangesFirewallChangesFailed', 'VaultWatchChangesRouteChangesFailed'],
    },
  },
  {
    defect: 'an endpoint has no policy',
    mutation: remove(KMS_ENDPOINT, ['Properties', 'PolicyDocument']),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint lets every operation pass',
    mutation: append(KMS_ENDPOINT, POLICY, { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint lets any role pass',
    mutation: set(KMS_ENDPOINT, [...POLICY, ofUnseal, 'Condition', 'ArnEquals', 'aws:PrincipalArn'], '*'),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'functions reach a group of somebody else',
    mutation: add('Rule', 'AWS::EC2::SecurityGroupEgress', {
      GroupId: { 'Fn::GetAtt': ['VaultNetworkFunctions41CF18A3', 'GroupId'] },
      DestinationSecurityGroupId: 'sg-0123456789abcdef0',
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
    }),
    caughtBy: { nothingGoesOut: [FUNCTIONS_GROUP], migrationsWaitForTheirWay: ['VaultMigrationTrigger'] },
  },
  {
    defect: 'an endpoint serves other accounts',
    mutation: remove(KMS_ENDPOINT, [...POLICY, sid('DenyOtherAccounts')]),
    caughtBy: { endpointsHaveAPolicy: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint stands in one zone',
    mutation: remove(KMS_ENDPOINT, ['Properties', 'SubnetIds', 1]),
    caughtBy: { endpointsSpanZones: [KMS_ENDPOINT] },
  },
  {
    defect: 'an endpoint has no usual name',
    mutation: set(KMS_ENDPOINT, ['Properties', 'PrivateDnsEnabled'], false),
    caughtBy: { endpointsServeTheFunctions: ['AWS::EC2::VPCEndpoint'] },
  },
];
