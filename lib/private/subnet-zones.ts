import { Annotations, Fn, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { isListToken } from './network-checks';

export interface ChosenSubnets {
  readonly selected: ec2.SelectedSubnets;
  /** option that an error names */
  readonly chosenBy: 'availabilityZones' | 'vpc' | 'vpcSubnets';
  readonly vpcZones: number | undefined;
  /** Number of zones for each endpoint; more than the network has is refused. */
  readonly endpointZones: number;
  /** Whether the number of zones must be known: for endpoints, or for an environment that requires it. */
  readonly strict: boolean;
}

/**
 * Returns the subnets for endpoints, one for each zone. Throws unless the chosen subnets are in at least two zones: RDS
 * requires two in every environment.
 */
export function endpointSubnets(scope: Construct, chosen: ChosenSubnets): readonly ec2.ISubnet[] {
  const { selected, chosenBy, endpointZones } = chosen;
  const zones = zonesOf(scope, selected.subnets);
  // placeholders of the CDK, until the network is looked up
  if (selected.isPendingLookup) return selected.subnets;
  if (zones === undefined) return subnetsOfStatedZones(scope, chosen);
  const names = [...new Set(zones)];
  if (names.length < 2) throw tooFew(chosenBy, names[0]);
  requireSame(chosen.vpcZones, names);
  requireEndpointZones(endpointZones, names.length);
  return firstOfEachZone(selected.subnets, zones).slice(0, endpointZones);
}

/** Returns the first subnets, one for each given zone: synth knows only that number. */
function subnetsOfStatedZones(scope: Construct, chosen: ChosenSubnets): readonly ec2.ISubnet[] {
  const { selected, chosenBy, vpcZones, endpointZones } = chosen;
  const { subnets } = selected;
  const list = isListToken(subnets.map(({ subnetId }) => subnetId));
  if (subnets.length < 2 && !list) throw tooFew(chosenBy);
  if (vpcZones === undefined) {
    refuseUnknown(scope, chosen);
    return [];
  }
  requireEndpointZones(endpointZones, vpcZones);
  if (list) return elementsOf(scope, subnets, endpointZones);
  requireEnough(vpcZones, subnets.length);
  return subnets.slice(0, endpointZones);
}

/** Returns the zone of each subnet, by names that can be compared; undefined if one is unknown at synth. */
function zonesOf(scope: Construct, subnets: readonly ec2.ISubnet[]): readonly string[] | undefined {
  const zones = subnets.map((subnet) => zoneOf(scope, subnet));
  const known = zones.filter((zone) => zone !== undefined);
  const lists = new Set(known.map(({ list }) => list));
  return known.length === zones.length && lists.size <= 1 ? known.map(({ name }) => name) : undefined;
}

interface Zone {
  readonly name: string;
  /** elements of a region's own list, which differ; undefined for a literal name */
  readonly list: string | undefined;
}

function zoneOf(scope: Construct, subnet: ec2.ISubnet): Zone | undefined {
  const zone = zoneNameOf(subnet);
  if (zone === undefined || isListToken([zone])) return undefined;
  if (!Token.isUnresolved(zone)) return { name: zone, list: undefined };
  const resolved = Stack.of(scope).resolve(zone) as { readonly 'Fn::Select'?: readonly unknown[] } | undefined;
  const [index, list] = resolved?.['Fn::Select'] ?? [];
  const ofRegion = typeof list === 'object' && list !== null && 'Fn::GetAZs' in list;
  return ofRegion ? { name: `zone ${String(index)} of the region`, list: JSON.stringify(list) } : undefined;
}

/** Returns a subnet's zone; undefined for a subnet that was imported without one, for which the CDK throws. */
function zoneNameOf(subnet: ec2.ISubnet): string | undefined {
  try {
    return subnet.availabilityZone;
  } catch {
    return undefined;
  }
}

function firstOfEachZone(subnets: readonly ec2.ISubnet[], zones: readonly string[]): readonly ec2.ISubnet[] {
  return subnets.filter((_subnet, place) => zones.indexOf(zones[place] ?? '') === place);
}

/** Returns the first elements of a list of ids that only CloudFormation knows. */
function elementsOf(scope: Construct, subnets: readonly ec2.ISubnet[], count: number): readonly ec2.ISubnet[] {
  const ids = Token.asList(Tokenization.reverseList(subnets.map(({ subnetId }) => subnetId)));
  return Array.from({ length: count }, (_, index) => {
    return ec2.Subnet.fromSubnetId(scope, `Subnet${index + 1}`, Fn.select(index, ids));
  });
}

function tooFew(chosenBy: ChosenSubnets['chosenBy'], zone?: string): Error {
  const name = zone === undefined ? '' : ` (${zone})`;
  return new Error(
    `${chosenBy}: expected subnets in at least two availability zones, which RDS requires of a database, got 1${name}`,
  );
}

function requireSame(vpcZones: number | undefined, names: readonly string[]): void {
  if (vpcZones === undefined || vpcZones === names.length) return;
  throw new Error(
    `vpcZones: expected ${names.length} or none, since the zones are known (${names.join(', ')}), got ${vpcZones}`,
  );
}

function requireEnough(zones: number, subnets: number): void {
  if (zones <= subnets) return;
  throw new Error(`vpcZones: expected at most ${subnets}, the number of chosen subnets, got ${zones}`);
}

function requireEndpointZones(endpointZones: number, zones: number): void {
  if (endpointZones <= zones) return;
  throw new Error(`endpointZones: expected at most ${zones}, the zones of the network, got ${endpointZones}`);
}

/**
 * Warns of an unknown number of zones, or throws if the zones were chosen or promised. RDS itself refuses one zone at
 * deploy.
 */
function refuseUnknown(scope: Construct, { strict, chosenBy }: ChosenSubnets): void {
  if (chosenBy === 'availabilityZones') {
    throw new Error(
      'availabilityZones: expected literal names, or elements of Fn.getAzs, got tokens with zones that are unknown at synth',
    );
  }
  if (strict) {
    throw new Error(
      'vpcZones: expected the number of zones of the chosen subnets, which are unknown at synth, got none: they are tokens, or subnets imported without a zone',
    );
  }
  Annotations.of(scope).addWarningV2(
    'cdk-share-vault:zonesUnknown',
    'the zones of the chosen subnets are unknown at synth, and RDS refuses a database in fewer than two: set their number with vpcZones',
  );
}
