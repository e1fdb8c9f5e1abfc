import { tryResolve } from '../try-resolve';
import type { Resources } from '../resources';

const SUBNET = 'AWS::EC2::Subnet';
const ASSOCIATION = 'AWS::EC2::SubnetRouteTableAssociation';
const ROUTE = 'AWS::EC2::Route';
const EVERYWHERE = '0.0.0.0/0';
/** Route targets that may lead to AWS's public addresses. A gateway may too, unless it is an internet gateway. */
const OUTBOUND_TARGETS = [
  'NatGatewayId',
  'TransitGatewayId',
  'CoreNetworkArn',
  'NetworkInterfaceId',
  'InstanceId',
  'LocalGatewayId',
  'VpcEndpointId',
] as const;

/** Returns the logical ids of subnets without a route out. Subnets that the template lacks are assumed to have one. */
export function withoutRoute(subnets: readonly string[], resources: Resources): readonly string[] {
  return subnets
    .map((name) => tryResolve(() => resources.idByName(SUBNET, name)))
    .filter((id) => id !== undefined)
    .filter((id) => !hasRoute(resources.resolver.name(id), resources));
}

/** Returns whether a subnet's route table has a route out. The VPC's main table, the default, has none. */
function hasRoute(subnet: string, resources: Resources): boolean {
  const tables = resources
    .idsOf(ASSOCIATION)
    .filter((id) => propertyOf(id, 'SubnetId', resources) === subnet)
    .map((id) => propertyOf(id, 'RouteTableId', resources));
  return tables.some((table) => {
    const known = tryResolve(() => resources.idByName('AWS::EC2::RouteTable', String(table)));
    return known === undefined || resources.idsOf(ROUTE).some((id) => leadsOut(id, table, resources));
  });
}

function leadsOut(route: string, table: unknown, resources: Resources): boolean {
  if (propertyOf(route, 'RouteTableId', resources) !== table) return false;
  const given = resources.resolver.template.Resources[route]?.Properties ?? {};
  if ('DestinationIpv6CidrBlock' in given) return false;
  const destination = propertyOf(route, 'DestinationCidrBlock', resources) ?? EVERYWHERE;
  return (
    destination === EVERYWHERE &&
    (OUTBOUND_TARGETS.some((name) => name in given) || isGateway(given.GatewayId, resources))
  );
}

/** Returns whether a gateway may lead out. An internet gateway doesn't, since functions have no public address. */
function isGateway(gateway: unknown, { resolver }: Resources): boolean {
  if (gateway === undefined) return false;
  const { Ref: id } = (typeof gateway === 'object' ? gateway : {}) as { readonly Ref?: unknown };
  const type = typeof id === 'string' ? resolver.template.Resources[id]?.Type : undefined;
  return type !== 'AWS::EC2::InternetGateway' && !(typeof gateway === 'string' && gateway.startsWith('igw-'));
}

function propertyOf(id: string, name: string, { resolver }: Resources): unknown {
  return tryResolve(() => resolver.property(id, name));
}
