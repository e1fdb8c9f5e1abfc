import { Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { allowEverywhere, type EgressContext, type EgressWay } from './egress-context';
import { requireNames } from './egress-checks';
import { Firewall, MOST_HOSTS } from './egress-firewall';
import { deleteWithStack } from './removal';
import { zoneBlocks } from './egress-blocks';

const EVERYWHERE = '0.0.0.0/0';

/** Creates NAT gateways behind a firewall. */
export function firewallWay(context: EgressContext, allowedDomains: readonly string[]): EgressWay {
  requireNames('Egress.firewall', context.destinations);
  const hosts = context.destinations.map(({ host }) => host);
  const domains = [...new Set([...hosts, ...allowedDomains])].sort();
  if (domains.length > MOST_HOSTS) {
    throw new Error(`egress: expected at most ${MOST_HOSTS} hosts for Egress.firewall, got ${domains.length}`);
  }
  const parts = new EgressRoutes(context);
  const firewall = new Firewall(parts, 'Firewall', {
    ...context,
    domains,
    blocks: parts.zones.map(({ blocks }) => blocks.functions),
  });
  for (const zone of parts.zones) {
    const subnet = parts.createSubnet(`Firewall${zone.number}`, zone, zone.blocks.firewall);
    const endpointId = firewall.addZone(zone.number, subnet);
    route(zone.functions, 'Out', ec2.RouterType.VPC_ENDPOINT, endpointId);
    // responses pass the firewall too: it drops a connection of which it sees one direction only
    route(zone.nat.subnet, 'Back', ec2.RouterType.VPC_ENDPOINT, endpointId, zone.blocks.functions);
    // EC2 accepts a route inside the network's own blocks only to the block of an existing subnet
    zone.nat.subnet.node.findChild('Back').node.addDependency(zone.functions);
    route(subnet, 'Out', ec2.RouterType.NAT_GATEWAY, zone.nat.gatewayId);
  }
  return { ...way(context, parts), firewall: true };
}

/** Creates NAT gateways. */
export function natWay(context: EgressContext): EgressWay {
  const parts = new EgressRoutes(context);
  for (const zone of parts.zones) route(zone.functions, 'Out', ec2.RouterType.NAT_GATEWAY, zone.nat.gatewayId);
  return way(context, parts);
}

function way(context: EgressContext, parts: EgressRoutes): EgressWay {
  allowEverywhere(context);
  return { subnets: parts.zones.map(({ functions }) => functions), routed: parts.subnets, parts };
}

interface Zone {
  readonly number: number;
  readonly name: string;
  readonly blocks: ReturnType<typeof zoneBlocks>;
  readonly functions: ec2.Subnet;
  readonly nat: { readonly subnet: ec2.Subnet; readonly gatewayId: string };
}

/**
 * Subnets with a way out, in a block of addresses of their own: the subnets of the database use up the network's first
 * block, and can't be moved or made smaller.
 */
class EgressRoutes extends Construct {
  public readonly zones: readonly Zone[];
  public readonly subnets: ec2.Subnet[] = [];
  private readonly block: ec2.CfnVPCCidrBlock;
  private readonly gateway: ec2.CfnInternetGateway;
  private readonly attachment: ec2.CfnVPCGatewayAttachment;

  constructor(private readonly context: EgressContext) {
    super(context.scope, 'Egress');
    const { vpcId } = context.vpc;
    this.block = new ec2.CfnVPCCidrBlock(this, 'Block', { vpcId, cidrBlock: context.cidr });
    this.gateway = new ec2.CfnInternetGateway(this, 'Gateway');
    this.attachment = new ec2.CfnVPCGatewayAttachment(this, 'Attachment', {
      vpcId,
      internetGatewayId: this.gateway.attrInternetGatewayId,
    });
    this.zones = context.zones.map((subnet, index) => this.createZone(index, subnet.availabilityZone));
    Validations.of(this).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: "the zones are those of the network's other subnets",
    });
  }

  /** Creates a subnet without a route, which is deleted with its stack: a database that outlives the stack is in none. */
  public createSubnet(id: string, { name }: Pick<Zone, 'name'>, cidrBlock: string): ec2.Subnet {
    const subnet = new ec2.Subnet(this, id, {
      vpcId: this.context.vpc.vpcId,
      availabilityZone: name,
      cidrBlock,
      mapPublicIpOnLaunch: false,
    });
    subnet.node.addDependency(this.block);
    deleteWithStack(subnet);
    this.subnets.push(subnet);
    return subnet;
  }

  private createZone(index: number, name: string): Zone {
    const blocks = zoneBlocks(this.context.cidr, index);
    const number = index + 1;
    const functions = this.createSubnet(`Functions${number}`, { name }, blocks.functions);
    const subnet = this.createSubnet(`Nat${number}`, { name }, blocks.nat);
    subnet.addDefaultInternetRoute(this.gateway.attrInternetGatewayId, this.attachment);
    const address = new ec2.CfnEIP(subnet, 'Address', { domain: 'vpc' });
    const gateway = new ec2.CfnNatGateway(subnet, 'Gateway', {
      subnetId: subnet.subnetId,
      allocationId: address.attrAllocationId,
    });
    gateway.node.addDependency(subnet.internetConnectivityEstablished);
    return { number, name, blocks, functions, nat: { subnet, gatewayId: gateway.attrNatGatewayId } };
  }
}

function route(
  subnet: ec2.Subnet,
  id: string,
  routerType: ec2.RouterType,
  routerId: string,
  destinationCidrBlock = EVERYWHERE,
): void {
  subnet.addRoute(id, { routerType, routerId, destinationCidrBlock });
}
