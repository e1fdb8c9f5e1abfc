import { text } from '../fields';
import type { Resources } from '../resources';

/** Where in a network something stands. */
export interface Network {
  /** undefined where the template holds neither its subnets nor its security groups */
  readonly vpcId: string | undefined;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

/**
 * Reads a function's place. A VPC that stands elsewhere is known by the security groups alone, which the template makes
 * in it. Undefined without subnets, which is how a function is taken out of its VPC.
 */
export function networkOf(
  {
    SubnetIds,
    SecurityGroupIds,
  }: { readonly SubnetIds: readonly string[]; readonly SecurityGroupIds: readonly string[] },
  resources: Resources,
): Network | undefined {
  if (SubnetIds.length === 0) return undefined;
  const vpcId =
    vpcOf('AWS::EC2::Subnet', '', SubnetIds, resources) ??
    vpcOf('AWS::EC2::SecurityGroup', 'GroupId', SecurityGroupIds, resources);
  return { vpcId, subnets: SubnetIds, securityGroups: SecurityGroupIds };
}

function vpcOf(type: string, attribute: string, names: readonly string[], resources: Resources): string | undefined {
  const [id] = names.map((name) => resources.called(type, name, attribute)).filter((found) => found !== undefined);
  return id === undefined ? undefined : resources.properties(id, { VpcId: text }).VpcId;
}
