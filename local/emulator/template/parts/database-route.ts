import { tryResolve } from '../try-resolve';
import type { Resources } from '../resources';
import { CLUSTER } from './databases';
import type { FunctionPart } from './functions';
import { SecurityGroups } from './security-groups';

/** PostgreSQL's port, Aurora's default. */
const DEFAULT_PORT = 5_432;
/** Resources that join networks: with any of them, another VPC may reach a cluster's. */
const JOINS = ['AWS::EC2::VPCPeeringConnection', 'AWS::EC2::TransitGatewayAttachment', 'AWS::EC2::TransitGatewayVpcAttachment'] as const; // prettier-ignore

/** Returns the reason that a function's network doesn't reach a template's clusters; undefined if it reaches one. */
export function databaseObstacle(part: FunctionPart, resources: Resources): string | undefined {
  const problems = resources.idsOf(CLUSTER).map((cluster) => clusterProblem(part, cluster, resources));
  return problems.includes(undefined) ? undefined : problems[0];
}

function clusterProblem(part: FunctionPart, cluster: string, resources: Resources): string | undefined {
  const problem = networkProblem(part, cluster, resources) ?? groupProblem(part, cluster, resources);
  return problem && `function ${part.logicalId} has no route to database ${cluster}: ${problem}`;
}

/** A function without a VPC calls from public addresses. */
function networkProblem({ network }: FunctionPart, cluster: string, resources: Resources): string | undefined {
  if (network === undefined) {
    return isPublic(cluster, resources)
      ? undefined
      : "expected a function in the database's VPC, got one outside of any";
  }
  const vpc = vpcOf(cluster, resources);
  if (vpc === undefined || network.vpcId === undefined || vpc === network.vpcId) return undefined;
  if (JOINS.some((type) => resources.idsOf(type).length > 0)) return undefined;
  return "expected a function in the database's VPC, got one in another VPC that nothing joins with it";
}

function groupProblem({ network }: FunctionPart, cluster: string, resources: Resources): string | undefined {
  if (network === undefined) return undefined;
  const own = network.securityGroups;
  const given = tryResolve(() => resources.resolver.property(cluster, 'VpcSecurityGroupIds'));
  const others = Array.isArray(given) ? given.map(String) : [];
  // the VPC's default group and an unknown one are open
  if (own.length === 0 || others.length === 0) return undefined;
  const [port, ...local] = portsOf(cluster, resources);
  const groups = new SecurityGroups(resources, [port, ...local]);
  if (!groups.allows(own, 'Egress', others)) {
    return `expected a security group of the function that allows egress to the database on port ${port}, got none`;
  }
  if (groups.allows(others, 'Ingress', own)) return undefined;
  return `expected a security group of the database that allows ingress from the function on port ${port}, got none`;
}

/** Returns the port in the template and, as references to the cluster resolve to it, the port of the local database. */
function portsOf(cluster: string, { resolver }: Resources): readonly [number, ...number[]] {
  const given = tryResolve(() => resolver.property(cluster, 'Port'));
  const local = Number(tryResolve(() => resolver.name(cluster, 'Endpoint.Port')));
  return [given === undefined ? DEFAULT_PORT : Number(given), ...(Number.isNaN(local) ? [] : [local])];
}

/** Returns the VPC of a cluster's subnets, else of its security groups; undefined if it is unknown. */
function vpcOf(cluster: string, resources: Resources): string | undefined {
  const property = (id: string | undefined, name: string): unknown =>
    id === undefined ? undefined : tryResolve(() => resources.resolver.property(id, name));
  const idOf = (type: string, name: unknown, attribute?: string): string | undefined =>
    typeof name === 'string' ? tryResolve(() => resources.idByName(type, name, attribute)) : undefined;
  const group = idOf('AWS::RDS::DBSubnetGroup', property(cluster, 'DBSubnetGroupName'));
  const found = [
    ...listOf(property(group, 'SubnetIds')).map((name) => idOf('AWS::EC2::Subnet', name)),
    ...listOf(property(cluster, 'VpcSecurityGroupIds')).map((name) => idOf('AWS::EC2::SecurityGroup', name, 'GroupId')),
  ];
  return found.map((id) => property(id, 'VpcId')).find((name) => typeof name === 'string');
}

/** Returns whether a cluster or one of its instances has a public address. */
function isPublic(cluster: string, resources: Resources): boolean {
  const flag = (id: string): boolean => {
    const value = tryResolve(() => resources.resolver.property(id, 'PubliclyAccessible'));
    return value === true || value === 'true';
  };
  return flag(cluster) || resources.idsOf('AWS::RDS::DBInstance').some(flag);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
