import { Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { NetworkOptions } from '../network-options';
import { describe, refuse, requireFlag, requireMembers, requireWholeNumber } from './checks';
import { requireCidr } from './cidr';

/** Names of a region's own zones; Aurora and interface endpoints are not in Local Zones or Wavelength Zones. */
const ZONE_NAME = /^([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})[a-z]$/;
/** Placeholders of the CDK for zones that it has not looked up yet. */
const ZONE_TO_LOOK_UP = /^dummy1[a-z]$/;

/** Throws for options that contradict each other, or that AWS would refuse; JavaScript callers get the same errors. */
export function requireNetworkOptions(scope: IConstruct, options: NetworkOptions): void {
  const { vpc, vpcSubnets, vpcZones, availabilityZones, cidr, endpoints, consumerEndpoint, endpointZones } = options;
  if (endpoints !== undefined) requireFlag('endpoints', endpoints);
  if (consumerEndpoint !== undefined) requireFlag('consumerEndpoint', consumerEndpoint);
  if (endpointZones !== undefined) requireWholeNumber('endpointZones', endpointZones, 1, 3);
  if (vpcZones !== undefined) requireWholeNumber('vpcZones', vpcZones, 2, 6);
  if (vpc === undefined) {
    refuseWithoutVpc('vpcSubnets', vpcSubnets);
    refuseWithoutVpc('vpcZones', vpcZones);
    if (availabilityZones !== undefined) requireZoneNames(Stack.of(scope).region, availabilityZones);
    if (cidr !== undefined) requireCidr(cidr, availabilityZones?.length ?? 2);
    if (endpoints === false) {
      throw new Error("endpoints: expected true in the vault's own network, which has no other way to KMS, got false");
    }
    return;
  }
  requireVpc(vpc);
  if (vpcSubnets !== undefined) requireSelection(vpcSubnets);
  if (cidr !== undefined)
    throw new Error('cidr: expected none together with vpc, which already has addresses, got one');
  if (availabilityZones !== undefined) {
    throw new Error('availabilityZones: expected none together with vpc, which already has zones, got some');
  }
}

function refuseWithoutVpc(name: string, value: unknown): void {
  if (value !== undefined) throw new Error(`${name}: expected a vpc together with it, got none`);
}

/** Throws unless a value is a network: a JavaScript caller may pass its id instead. */
export function requireVpc(vpc: unknown, name = 'vpc'): void {
  requireMembers(name, vpc, 'a network of the CDK', ['vpcId', 'selectSubnets']);
}

/** Throws for a list of subnets: the CDK treats a list as a selection without a choice, and chooses other subnets. */
function requireSelection(selection: unknown): void {
  if (typeof selection === 'object' && selection !== null && !Array.isArray(selection)) return;
  refuse('vpcSubnets', 'a selection such as { subnets: […] }', selection);
}

function requireZoneNames(region: string, zones: unknown): void {
  if (!Array.isArray(zones)) {
    throw new Error(`availabilityZones: expected a list of names, got ${describe(zones)}`);
  }
  if (isListToken(zones)) {
    throw new Error(
      'availabilityZones: expected a literal list, got a list token: omit it for two zones of the region',
    );
  }
  const names = zones.map((name) => requireZoneName(region, name));
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) throw new Error(`availabilityZones: expected different zones, got ${twice} twice`);
  if (names.length < 2) throw new Error(`availabilityZones: expected at least two zones, got ${names.length}`);
}

function requireZoneName(region: string, name: unknown): string {
  if (typeof name !== 'string') return refuse('availabilityZones', 'names like eu-west-1a', name);
  if (Token.isUnresolved(name) || ZONE_TO_LOOK_UP.test(name)) return name;
  const [, zoneRegion] = ZONE_NAME.exec(name) ?? [];
  if (zoneRegion === undefined) throw new Error(`availabilityZones: expected names like eu-west-1a, got "${name}"`);
  if (Token.isUnresolved(region) || zoneRegion === region) return name;
  throw new Error(`availabilityZones: expected zones of ${region}, got ${name}`);
}

/** Returns whether a list is a token: its only element is no value, and its length is unknown. */
export function isListToken(list: readonly unknown[]): boolean {
  return list.some((element) => typeof element === 'string' && Tokenization.reverseList([element]) !== undefined);
}
