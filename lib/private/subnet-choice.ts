import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { NetworkOptions } from '../network-options';
import { placeOfSubnet } from './consumer-place';

/** Names of the types of subnets in errors, by their routes. */
const KINDS: readonly (readonly [string, (vpc: ec2.IVpc) => readonly ec2.ISubnet[]])[] = [
  ['isolated', (vpc) => vpc.isolatedSubnets],
  ['private with egress', (vpc) => vpc.privateSubnets],
  ['public', (vpc) => vpc.publicSubnets],
];

/** Returns the subnets for functions and database. Throws if the network has none that they can work in. */
export function chooseSubnets(
  vpc: ec2.IVpc,
  options: NetworkOptions,
  ownsEndpoints: boolean,
): { readonly selection: ec2.SubnetSelection; readonly selected: ec2.SelectedSubnets } {
  const subnetType = ownsEndpoints ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS;
  if (options.vpcSubnets === undefined) requireDefaultSubnets(vpc, ownsEndpoints);
  const selection = options.vpcSubnets ?? { subnetType };
  const selected = select(vpc, selection);
  if (selected.isPendingLookup) return { selection, selected };
  requireNoPublicSubnet(vpc, selected);
  requireSameNetwork(vpc, selected);
  return { selection, selected };
}

function requireDefaultSubnets(vpc: ec2.IVpc, ownsEndpoints: boolean): void {
  const kinds = kindsOf(vpc);
  const got = kinds.length === 0 ? 'none' : `${kinds.join(' and ')} ones only`;
  const others = ': choose others with vpcSubnets';
  if (ownsEndpoints && vpc.isolatedSubnets.length === 0) {
    const way = vpc.privateSubnets.length > 0 ? others : '';
    throw new Error(`vpc: expected isolated subnets for endpoints: true, got ${got}${way}`);
  }
  if (!ownsEndpoints && vpc.privateSubnets.length === 0) {
    const way =
      vpc.isolatedSubnets.length > 0
        ? ': choose endpoints: true, or the isolated ones with vpcSubnets if the network has endpoints for KMS and Secrets Manager'
        : '';
    throw new Error(`vpc: expected private subnets with egress, got ${got}${way}`);
  }
}

function select(vpc: ec2.IVpc, selection: ec2.SubnetSelection): ec2.SelectedSubnets {
  const choice = `a choice among the subnets of ${vpc.node.path} (${kindsOf(vpc).join(', ')} ones)`;
  let selected: ec2.SelectedSubnets;
  try {
    selected = vpc.selectSubnets(selection);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`vpcSubnets: expected ${choice}, got a selection that matches none: ${message}`, { cause });
  }
  if (selected.subnets.length > 0) return selected;
  throw new Error(`vpcSubnets: expected ${choice}, got a selection that matches none`);
}

/**
 * Throws for public subnets: Lambda gives its interfaces no public address, and the vault must not be reachable from
 * outside.
 */
function requireNoPublicSubnet(vpc: ec2.IVpc, { subnets }: ec2.SelectedSubnets): void {
  const publicIds = new Set(vpc.publicSubnets.map(({ subnetId }) => subnetId));
  const found = subnets.find(({ subnetId }) => publicIds.has(subnetId));
  if (found === undefined) return;
  throw new Error(
    `vpcSubnets: expected private or isolated subnets: a function in a public subnet has no way out, got ${found.node.path}`,
  );
}

/**
 * Throws for subnets of another network: a selection can name any, the CDK accepts them, and a security group only
 * works in its own network.
 */
function requireSameNetwork(vpc: ec2.IVpc, { subnets }: ec2.SelectedSubnets): void {
  const found = subnets.find(({ subnetId }) => placeOfSubnet(subnetId, vpc) === 'outside');
  if (found === undefined) return;
  throw new Error(`vpcSubnets: expected subnets of ${vpc.node.path}, got ${found.node.path} of another network`);
}

/** Lists the types of subnets that a network has. */
function kindsOf(vpc: ec2.IVpc): readonly string[] {
  return KINDS.filter(([, subnetsOf]) => subnetsOf(vpc).length > 0).map(([kind]) => kind);
}
