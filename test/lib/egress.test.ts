import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Egress } from '../../lib/egress';
import type { VaultNetworkProps } from '../../lib/vault-network';
import { existingVpc, networkIn } from '../support/network';
import { valuesOf } from '../support/resources';
import { testStack } from '../support/synth';

const GOOGLE = ['sts.googleapis.com:443', 'cloudkms.googleapis.com:443'];
const VAULT = ['vault.example.com:8200'];
const SERVICE = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';

function network(props: Partial<VaultNetworkProps>, stack = testStack()) {
  return networkIn(stack, { environment: 'prod', ...props });
}

function inVpc(props: Partial<VaultNetworkProps>) {
  const stack = testStack();
  return network({ vpc: existingVpc(stack), ...props }, stack);
}

const inIsolatedVpc = (props: Partial<VaultNetworkProps>) => {
  const stack = testStack();
  const vpc = existingVpc(stack, { isolatedSubnetIds: ['subnet-1', 'subnet-2'] });
  return network({ vpc, endpoints: true, ...props }, stack);
};

const routesOf = ({ template }: ReturnType<typeof network>) => {
  const found = Object.entries(template().findResources('AWS::EC2::Route'));
  return Object.fromEntries(
    found.map(([id, { Properties }]) => {
      const { DestinationCidrBlock, RouteTableId: _, ...target } = Properties as Record<string, unknown>;
      return [id.replace(/^NetworkEgress|.{8}$/g, ''), `${String(DestinationCidrBlock)} ${Object.keys(target).join()}`];
    }),
  );
};

describe("a vault's own network with a firewall", () => {
  const made = () => network({ destinations: GOOGLE, egress: Egress.firewall() });

  test('leads functions to the firewall, the firewall to NAT, NAT to the internet, and responses back', () => {
    expect(routesOf(made())).toEqual({
      Functions1Out: '0.0.0.0/0 VpcEndpointId',
      Firewall1Out: '0.0.0.0/0 NatGatewayId',
      Nat1DefaultRoute: '0.0.0.0/0 GatewayId',
      Nat1Back: '100.64.0.0/27 VpcEndpointId',
      Functions2Out: '0.0.0.0/0 VpcEndpointId',
      Firewall2Out: '0.0.0.0/0 NatGatewayId',
      Nat2DefaultRoute: '0.0.0.0/0 GatewayId',
      Nat2Back: '100.64.0.64/27 VpcEndpointId',
    });
  });

  test('leaves the subnets of the database as they are: the others are in a second block of addresses', () => {
    const without = network({}).template().toJSON() as { Resources: Record<string, unknown> };
    const { Resources } = made().template().toJSON() as { Resources: Record<string, unknown> };

    expect(Resources).toMatchObject(without.Resources);
    expect(valuesOf(made().template(), 'AWS::EC2::Subnet', 'CidrBlock').slice(2)).toEqual([
      ...['100.64.0.0/27', '100.64.0.48/28', '100.64.0.64/27', '100.64.0.112/28', '100.64.0.32/28', '100.64.0.96/28'],
    ]);
  });

  test('takes another second block if its own contains the usual one', () => {
    const { template } = network({ destinations: GOOGLE, egress: Egress.firewall(), cidr: '100.64.0.0/16' });

    template().hasResourceProperties('AWS::EC2::VPCCidrBlock', { CidrBlock: '100.127.255.0/24' });
  });

  test('passes exactly the hosts of the keys and stores, by the name that TLS asks for', () => {
    made()
      .template()
      .hasResourceProperties('AWS::NetworkFirewall::RuleGroup', {
        RuleGroup: {
          RulesSource: {
            RulesSourceList: {
              GeneratedRulesType: 'ALLOWLIST',
              TargetTypes: ['TLS_SNI'],
              Targets: ['cloudkms.googleapis.com', 'sts.googleapis.com'],
            },
          },
          RuleVariables: { IPSets: { HOME_NET: { Definition: ['100.64.0.0/27', '100.64.0.64/27'] } } },
          StatefulRuleOptions: { RuleOrder: 'STRICT_ORDER' },
        },
      });
  });

  test('passes further hosts that allowedDomains names', () => {
    const egress = Egress.firewall({ allowedDomains: ['vault.example.com'] });

    const [group] = valuesOf(network({ destinations: GOOGLE, egress }).template(), 'AWS::NetworkFirewall::RuleGroup', 'RuleGroup'); // prettier-ignore

    expect(JSON.stringify(group)).toContain('"cloudkms.googleapis.com","sts.googleapis.com","vault.example.com"');
  });

  test('adds the route of responses only to an existing subnet of functions', () => {
    const routes = made().template().findResources('AWS::EC2::Route');
    const dependencies = Object.entries(routes).flatMap(([id, { DependsOn }]) => {
      return id.includes('Nat1Back') ? (DependsOn as string[]) : [];
    });

    expect(dependencies).toContainEqual(expect.stringMatching(/^NetworkEgressFunctions1Subnet.{8}$/));
  });

  test('is refused with more hosts than the rule group has room for', () => {
    const names = (count: number) => Array.from({ length: count }, (_, place) => `host-${place}.example.com`);
    const withMore = (count: number) => () =>
      network({ destinations: GOOGLE, egress: Egress.firewall({ allowedDomains: names(count) }) });

    expect(withMore(97)).not.toThrow();
    expect(withMore(98)).toThrow('egress: expected at most 99 hosts for Egress.firewall, got 100');
  });

  test.each(['10.1.2.3', 'vault'])('is refused for the host %s, which TLS does not name', (host) => {
    expect(() => network({ destinations: [`${host}:8200`], egress: Egress.firewall() })).toThrow(
      `egress: expected complete names of hosts, in lower case, for Egress.firewall, got "${host}"`,
    );
  });

  test('drops everything else, and fragments and connections that it sees half of', () => {
    made()
      .template()
      .hasResourceProperties('AWS::NetworkFirewall::FirewallPolicy', {
        FirewallPolicy: Match.objectLike({
          StatelessDefaultActions: ['aws:forward_to_sfe'],
          StatelessFragmentDefaultActions: ['aws:drop'],
          StatefulEngineOptions: { RuleOrder: 'STRICT_ORDER', StreamExceptionPolicy: 'DROP' },
          StatefulDefaultActions: ['aws:drop_established_app_layer', 'aws:alert_established_app_layer'],
        }),
      });
  });

  test('has a firewall in each zone, each with an encrypted log of all connections and all decisions', () => {
    const template = made().template();

    template.resourceCountIs('AWS::NetworkFirewall::Firewall', 2);
    template.resourceCountIs('AWS::NetworkFirewall::LoggingConfiguration', 2);
    template.allResourcesProperties('AWS::NetworkFirewall::LoggingConfiguration', {
      LoggingConfiguration: {
        LogDestinationConfigs: ['ALERT', 'FLOW'].map((LogType) => Match.objectLike({ LogType })),
      },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue(), RetentionInDays: 365 });
  });

  test('has one zone with a way out if endpointZones is 1', () => {
    const { template } = network({ environment: 'dev', endpointZones: 1, destinations: GOOGLE, egress: Egress.firewall() }); // prettier-ignore

    template().resourceCountIs('AWS::NetworkFirewall::Firewall', 1);
    template().resourceCountIs('AWS::EC2::NatGateway', 1);
  });

  test('keeps the subnets of the database when its stack is deleted, and only those', () => {
    const policies = Object.values(made().template().findResources('AWS::EC2::Subnet')).map((each) => each.DeletionPolicy as unknown); // prettier-ignore

    expect(policies).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate', ...Array<string>(6).fill('Delete')]);
  });
});

describe("a vault's own network with NAT gateways only", () => {
  const made = (environment: string) => network({ environment, destinations: GOOGLE, egress: Egress.natGateway() });

  test('leads functions to the internet, with a warning', () => {
    const staging = made('staging');

    expect(routesOf(staging)).toMatchObject({ Functions1Out: '0.0.0.0/0 NatGatewayId', Nat1DefaultRoute: '0.0.0.0/0 GatewayId' }); // prettier-ignore
    Annotations.fromStack(staging.stack).hasWarning(
      '*',
      Match.stringLikeRegexp('can reach every host of the internet'),
    );
  });

  test('is refused for prod', () => {
    expect(() => made('prod')).toThrow(
      'egress: expected a way to named hosts only in prod, such as Egress.firewall(), got natGateway',
    );
  });
});

describe("a vault's own network with PrivateLink", () => {
  test('has an endpoint for the service, and leads the name of the host to it', () => {
    const template = network({ destinations: VAULT, egress: Egress.privateLink({ service: SERVICE }) }).template();

    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { ServiceName: SERVICE, PrivateDnsEnabled: false });
    template.hasResourceProperties('AWS::Route53::HostedZone', {
      Name: 'vault.example.com.',
      VPCs: [Match.anyValue()],
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'vault.example.com.', Type: 'A' });
    template.resourceCountIs('AWS::EC2::Route', 0);
  });

  test('lets functions reach the endpoint at the port of the host only', () => {
    const template = network({ destinations: VAULT, egress: Egress.privateLink({ service: SERVICE }) }).template();

    const rules = { DestinationSecurityGroupId: Match.anyValue(), FromPort: 8200, ToPort: 8200, IpProtocol: 'tcp' };
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', rules);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 8200, ToPort: 8200 });
  });

  test('is refused for an address, which has no name to lead to the endpoint', () => {
    expect(() =>
      network({ destinations: ['10.1.2.3:8200'], egress: Egress.privateLink({ service: SERVICE }) }),
    ).toThrow('egress: expected complete names of hosts, in lower case, for Egress.privateLink, got "10.1.2.3"');
  });

  test('is refused for several hosts', () => {
    expect(() => network({ destinations: GOOGLE, egress: Egress.privateLink({ service: SERVICE }) })).toThrow(
      'egress: expected one host outside AWS for Egress.privateLink, got sts.googleapis.com, cloudkms.googleapis.com',
    );
  });
});

describe('a network with a proxy', () => {
  test('lets functions reach the proxy only, and tells them its address', () => {
    const egress = Egress.proxy({ url: 'http://proxy.example.com:3128', peer: ec2.Peer.ipv4('10.9.0.0/28') });

    const { made, template } = network({ destinations: GOOGLE, egress });

    expect(made._places.outside.variables).toEqual({ HTTPS_PROXY: 'http://proxy.example.com:3128' });
    template().hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'share vault prod: functions with a way out',
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '10.9.0.0/28', FromPort: 3128, ToPort: 3128 })],
    });
  });
});

describe('a proxy', () => {
  const through = (url: string, peer = ec2.Peer.ipv4('10.9.0.0/28')) => Egress.proxy({ url, peer });

  test('is reached at port 80 if its address names that port', () => {
    network({ destinations: GOOGLE, egress: through('http://proxy.example.com:80') })
      .template()
      .hasResourceProperties('AWS::EC2::SecurityGroup', {
        SecurityGroupEgress: [Match.objectLike({ CidrIp: '10.9.0.0/28', FromPort: 80, ToPort: 80 })],
      });
  });

  test.each(['http://proxy.example.com:0', 'http://proxy.example.com:65536'])(
    'is refused at %s, which has no valid port',
    (url) => {
      expect(() => through(url)).toThrow(`url: expected a port from 1 to 65535, got "${url}"`);
    },
  );

  test.each([
    ['every address', ec2.Peer.anyIpv4(), 'the addresses of one network, a block of /16 or smaller, got "0.0.0.0/0"'],
    ['more than one network', ec2.Peer.ipv4('10.0.0.0/15'), 'a block of /16 or smaller, got "10.0.0.0/15"'],
    ['addresses that functions do not have', ec2.Peer.anyIpv6(), 'IPv4 addresses, as functions have them, got "::/0"'],
  ])('is refused at %s: functions could go around it', (_where, peer, message) => {
    expect(() => through('http://proxy.example.com:3128', peer)).toThrow(message);
  });

  test('is reached by a rule of the functions’ own group if a security group is given as a construct', () => {
    const stack = testStack();
    const peer = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Proxy', 'sg-0123456789abcdef0');
    const egress = Egress.proxy({ url: 'http://proxy.example.com:3128', peer });

    const { template } = network({ destinations: GOOGLE, egress }, stack);

    template().hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'share vault prod: functions with a way out',
      SecurityGroupEgress: [Match.objectLike({ DestinationSecurityGroupId: 'sg-0123456789abcdef0', FromPort: 3128 })],
    });
  });

  test.each([
    ['of the largest block of a network', ec2.Peer.ipv4('10.9.0.0/16')],
    ['of a security group', ec2.Peer.securityGroupId('sg-0123456789abcdef0')],
  ])('is accepted at addresses %s', (_where, peer) => {
    expect(() => through('http://proxy.example.com:3128', peer)).not.toThrow();
  });
});

describe('a network that exists', () => {
  test('needs no way for port 443 without endpoints of the vault: its routes decide', () => {
    const { made, template } = inVpc({ destinations: GOOGLE });

    expect(made._places.outside).toBe(made._places.inside);
    template().resourceCountIs('AWS::EC2::SecurityGroup', 1);
  });

  test('opens another port of a host without endpoints of the vault', () => {
    inVpc({ destinations: VAULT })
      .template()
      .hasResourceProperties('AWS::EC2::SecurityGroup', {
        SecurityGroupEgress: [Match.objectLike({ FromPort: 8200, ToPort: 8200 })],
      });
  });

  test('with endpoints of the vault opens the ports of the hosts for Egress.vpc()', () => {
    inIsolatedVpc({ destinations: [...GOOGLE, ...VAULT], egress: Egress.vpc() })
      .template()
      .hasResourceProperties('AWS::EC2::SecurityGroup', {
        SecurityGroupEgress: [443, 8200].map((FromPort) => Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort })),
      });
  });

  test.each([
    ['firewall', Egress.firewall()],
    ['natGateway', Egress.natGateway()],
    ['privateLink', Egress.privateLink({ service: SERVICE })],
  ])('refuses the way %s, which would change its routes', (kind, egress) => {
    expect(() => inVpc({ environment: 'dev', destinations: VAULT, egress })).toThrow(
      `egress: expected Egress.vpc() or Egress.proxy(…) together with vpc, which has its own routes, got ${kind}`,
    );
  });
});

describe('a network whose functions call hosts outside AWS', () => {
  test("is refused without a way out if it is the vault's own, and the error names the ways", () => {
    expect(() => network({ destinations: GOOGLE })).toThrow(
      'egress: expected a way to sts.googleapis.com, cloudkms.googleapis.com: Egress.firewall(), Egress.privateLink(…), Egress.proxy(…), outside prod, Egress.natGateway(); got none',
    );
  });

  test('is refused without a way out if it exists and has endpoints of the vault, and the error names the ways', () => {
    expect(() => inIsolatedVpc({ destinations: VAULT })).toThrow(
      'egress: expected a way to vault.example.com: Egress.vpc(), Egress.proxy(…); got none',
    );
  });

  test("is refused with the routes of a vpc if it is the vault's own", () => {
    expect(() => network({ destinations: GOOGLE, egress: Egress.vpc() })).toThrow('egress: expected a vpc together with Egress.vpc(), got none'); // prettier-ignore
  });
});

describe('a network whose functions call AWS only', () => {
  test('is refused with a way out that nothing uses', () => {
    expect(() => network({ egress: Egress.firewall() })).toThrow(
      'egress: expected keys or stores outside AWS together with it, got none: nothing uses the way',
    );
  });
});
