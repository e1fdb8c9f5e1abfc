import { Fn } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as networkfirewall from 'aws-cdk-lib/aws-networkfirewall';
import { Construct } from 'constructs';
import type { EgressContext } from './egress-context';

export interface FirewallProps extends EgressContext {
  /** Names of the hosts that pass. */
  readonly domains: string[];
  /** Blocks of addresses of the functions. */
  readonly blocks: string[];
}

/** Capacity of the rule group, which can't be changed: a list needs a unit for its protocol, and one for each host. */
const CAPACITY = 100;
/** Most hosts of the list. */
export const MOST_HOSTS = CAPACITY - 1;
/** Logs of every decision, and of every connection. */
const LOG_TYPES = ['ALERT', 'FLOW'] as const;

/**
 * A firewall that passes TLS connections to named hosts, and drops everything else. A firewall for each zone: the order
 * in which one firewall lists the endpoints of several zones is not defined.
 */
export class Firewall extends Construct {
  private readonly policyArn: string;
  private readonly logGroup: logs.ILogGroup;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FirewallProps,
  ) {
    super(scope, id);
    this.policyArn = this.createPolicy();
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      encryptionKey: props.storageKey.key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy,
    });
  }

  /** Creates the firewall of a zone. Returns the id of its endpoint. */
  public addZone(number: number, subnet: ec2.ISubnet): string {
    const { vpc } = this.props;
    const firewall = new networkfirewall.CfnFirewall(this, `Zone${number}`, {
      firewallName: `${this.nameOf('egress')}-${number}`,
      firewallPolicyArn: this.policyArn,
      vpcId: vpc.vpcId,
      subnetMappings: [{ subnetId: subnet.subnetId }],
      firewallPolicyChangeProtection: true,
      subnetChangeProtection: true,
    });
    const logDestination = { logGroup: this.logGroup.logGroupName };
    new networkfirewall.CfnLoggingConfiguration(this, `Logging${number}`, {
      firewallArn: firewall.attrFirewallArn,
      loggingConfiguration: {
        logDestinationConfigs: LOG_TYPES.map((logType) => ({
          logType,
          logDestinationType: 'CloudWatchLogs',
          logDestination,
        })),
      },
    });
    // its only element reads `ZONE:ENDPOINT`
    return Fn.select(1, Fn.split(':', Fn.select(0, firewall.attrEndpointIds)));
  }

  private createPolicy(): string {
    const rules = new networkfirewall.CfnRuleGroup(this, 'Rules', {
      ruleGroupName: this.nameOf('hosts'),
      type: 'STATEFUL',
      capacity: CAPACITY,
      ruleGroup: {
        // by default only the first block of the network's addresses
        ruleVariables: { ipSets: { HOME_NET: { definition: this.props.blocks } } },
        rulesSource: {
          rulesSourceList: { generatedRulesType: 'ALLOWLIST', targetTypes: ['TLS_SNI'], targets: this.props.domains },
        },
        statefulRuleOptions: { ruleOrder: 'STRICT_ORDER' },
      },
    });
    const policy = new networkfirewall.CfnFirewallPolicy(this, 'Policy', {
      firewallPolicyName: this.nameOf('egress'),
      firewallPolicy: {
        statelessDefaultActions: ['aws:forward_to_sfe'],
        statelessFragmentDefaultActions: ['aws:drop'],
        statefulEngineOptions: { ruleOrder: 'STRICT_ORDER', streamExceptionPolicy: 'DROP' },
        statefulRuleGroupReferences: [{ priority: 1, resourceArn: rules.attrRuleGroupArn }],
        // "app_layer": a ClientHello with a post-quantum key share takes two packets, and the first has no complete name
        statefulDefaultActions: ['aws:drop_established_app_layer', 'aws:alert_established_app_layer'],
      },
    });
    return policy.attrFirewallPolicyArn;
  }

  private nameOf(part: string): string {
    return `share-vault-${this.props.environment}-${part}`;
  }
}
