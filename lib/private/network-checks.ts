import { Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { NetworkOptions } from '../network-options';
import { requireWholeNumber } from './checks';
import { requireCidr } from './cidr';
import { kindOf } from './kind';

/** A region's own zones; Aurora and interface endpoints are not in Local Zones or Wavelength Zones. */
const ZONE_NAME = /^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$/;
/** The zones that the CDK puts in the place of those that it has not looked up yet. */
const ZONE_TO_LOOK_UP = /^dummy1[a-z]$/;

/** Throws on options that contradict each other, or that AWS would refuse; JavaScript callers get the same errors. */
export function requireNetworkOptions(scope: IConstruct, options: NetworkOptions): void {
  const { vpc, vpcSubnets, vpcZones, availabilityZones, cidr, endpoints, consumerEndpoint, endpointZones } = options;
  requireFlag('endpoints', endpoints);
  requireFlag('consumerEndpoint', consumerEndpoint);
  if (endpointZones !== undefined) requireWholeNumber('endpointZones', endpointZones, 1, 3);
  if (vpcZones !== undefined) requireWholeNumber('vpcZones', vpcZones, 2, 6);
  if (vpc === undefined) {
    refuseWithoutVpc('vpcSubnets', vpcSubnets);
    refuseWithoutVpc('vpcZones', vpcZones);
    if (availabilityZones !== undefined) requireZoneNames(Stack.of(scope).region, availabilityZones);
    if (cidr !== undefined) requireCidr(cidr, availabilityZones?.length ?? 2);
    if (endpoints === false) {
      throw new Error('endpoints: expected true in a network of its own, which has no other way to KMS, got false');
    }
    return;
  }
  requireVpc(vpc);
  if (vpcSubnets !== undefined && (typeof vpcSubnets !== 'object' || (vpcSubnets as unknown) === null)) {
    throw new Error(`vpcSubnets: expected a selection of subnets, got ${kindOf(vpcSubnets)}`);
  }
  if (cidr !== undefined) throw new Error('cidr: expected none beside vpc, which has its addresses already, got one');
  if (availabilityZones !== undefined) {
    throw new Error('availabilityZones: expected none beside vpc, which has its zones already, got some');
  }
}

function requireFlag(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new Error(`${name}: expected true or false, got ${kindOf(value)}`);
}

function refuseWithoutVpc(name: string, value: unknown): void {
  if (value !== undefined) throw new Error(`${name}: expected a vpc beside it, got none`);
}

function requireVpc(vpc: unknown): void {
  const { vpcId, selectSubnets } = (vpc ?? {}) as { readonly vpcId?: unknown; readonly selectSubnets?: unknown };
  if (typeof vpcId === 'string' && typeof selectSubnets === 'function') return;
  throw new Error(`vpc: expected a network of the CDK, got ${kindOf(vpc)}`);
}

function requireZoneNames(region: string, zones: unknown): void {
  if (!Array.isArray(zones)) {
    throw new Error(`availabilityZones: expected a list of names, got ${kindOf(zones)}`);
  }
  if (isListToken(zones)) {
    throw new Error(
      'availabilityZones: expected a literal list, got a list token: leave it out for two zones of the region',
    );
  }
  const names = zones.map((name) => requireZoneName(region, name));
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) throw new Error(`availabilityZones: expected different zones, got ${twice} twice`);
  if (names.length < 2) throw new Error(`availabilityZones: expected two zones at least, got ${names.length}`);
}

function requireZoneName(region: string, name: unknown): string {
  if (typeof name !== 'string')
    throw new Error(`availabilityZones: expected names like eu-west-1a, got ${kindOf(name)}`);
  if (Token.isUnresolved(name) || ZONE_TO_LOOK_UP.test(name)) return name;
  const [, zoneRegion] = ZONE_NAME.exec(name) ?? [];
  if (zoneRegion === undefined) throw new Error(`availabilityZones: expected names like eu-west-1a, got "${name}"`);
  if (Token.isUnresolved(region) || zoneRegion === region) return name;
  throw new Error(`availabilityZones: expected zones of ${region}, got ${name}`);
}

/** Whether a list comes as a token: its only element is no value, and its length is unknown. */
export function isListToken(list: readonly unknown[]): boolean {
  return list.some((element) => typeof element === 'string' && Tokenization.reverseList([element]) !== undefined);
}
