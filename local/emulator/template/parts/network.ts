import { text } from '../fields';
import type { Resources } from '../resources';

/** The VPC, subnets and security groups of a function. */
export interface Network {
  /** undefined if the template has neither its subnets nor its security groups */
  readonly vpcId: string | undefined;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

/**
 * Reads a function's network. If the subnets are not in the template, the VPC's id comes from the function's security
 * groups. Returns undefined without subnets: empty lists take a function out of its VPC.
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
  const [id] = names.map((name) => resources.idByName(type, name, attribute)).filter((found) => found !== undefined);
  return id === undefined ? undefined : resources.properties(id, { VpcId: text }).VpcId;
}
