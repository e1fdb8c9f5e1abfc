import type { Change } from './changes';
import type { Finding } from './finding';
import { referencesIn } from './references';
import type { Resource } from './template';

type Resources = ReadonlyMap<string, Resource>;
type Changes = ReadonlyMap<string, Change>;

/** Returns the refusals of EC2 and RDS: subnets over a range in use, and databases that move to another VPC. */
export function networkRefusals(before: Resources, after: Resources, changes: Changes): readonly Finding[] {
  return [...overlaps(before, after, changes), ...moves(before, after, changes)].map(([resource, problem]) => ({
    rule: 'refusals',
    resource,
    problem,
  }));
}

/** A new subnet is created before the former one is deleted, and two subnets of a VPC can't overlap. */
function overlaps(before: Resources, after: Resources, changes: Changes): readonly (readonly [string, string])[] {
  const former = subnetsOf(before);
  return subnetsOf(after)
    .filter(({ id }) => ['added', 'replaced'].includes(changes.get(id)?.action ?? ''))
    .flatMap((subnet) => {
      const vpcs = referencesIn(subnet.properties.VpcId).map(({ id }) => id);
      // in a network that is new as well there is no other subnet yet
      if (vpcs.some((id) => ['added', 'replaced'].includes(changes.get(id)?.action ?? ''))) return [];
      const other = former.find(({ properties }) => overlap(properties.CidrBlock, subnet.properties.CidrBlock));
      return other ? [[subnet.id, `its CidrBlock is in use by ${other.id}`] as const] : [];
    });
}

/** A cluster stays in the VPC of its subnet group; a security group that moves shows that the rest moves as well. */
function moves(before: Resources, after: Resources, changes: Changes): readonly (readonly [string, string])[] {
  return [...before.values()].flatMap(({ id, type, properties }) => {
    if (type !== 'AWS::RDS::DBCluster' || changes.get(id)?.action === 'replaced' || !after.has(id)) return [];
    const groups = referencesIn(properties.VpcSecurityGroupIds).map((reference) => changes.get(reference.id));
    const moved = groups.find((change) => change?.action === 'replaced' && change.properties.includes('VpcId'));
    return moved ? [[id, `a cluster can't move to another VPC, as ${moved.id} does`] as const] : [];
  });
}

function subnetsOf(resources: Resources): readonly Resource[] {
  return [...resources.values()].filter(({ type }) => type === 'AWS::EC2::Subnet');
}

function overlap(one: unknown, other: unknown): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

function rangeOf(cidr: unknown): { readonly first: number; readonly last: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(typeof cidr === 'string' ? cidr : '');
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
