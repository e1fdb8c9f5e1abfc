import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { StorageKey } from '../storage-key';
import { DEFAULT_CIDR, overlaps } from './cidr';
import { egressBlock } from './egress-blocks';
import { destinationsOf, requireEgress } from './egress-checks';
import { type Destination, type EgressChoice, type EgressWatch, type EgressWay, vpcWay } from './egress-context';

/** A network as the places of its functions need it. */
export interface PlacesProps {
  readonly environment: string;
  readonly storageKey: StorageKey;
  readonly removalPolicy?: RemovalPolicy;
  readonly cidr?: string;
  readonly destinations?: readonly string[];
  readonly egress?: EgressChoice;
  readonly vpc: ec2.IVpc;
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly isShared: boolean;
  readonly ownsEndpoints: boolean;
  /** One subnet for each zone with endpoints. */
  readonly zones: readonly ec2.ISubnet[];
  /** Security group of all functions. */
  readonly group: ec2.ISecurityGroup;
}

/** Where a function is in a network, and what it must be told and wait for there. */
export interface FunctionPlace extends Pick<EgressWay, 'variables' | 'parts'> {
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly securityGroups: ec2.ISecurityGroup[];
}

/** The port of all services of AWS: functions in a network without endpoints may use it anyway. */
const HTTPS = 443;

/** The two places of functions in a vault's network: with a way out of it, and without. */
export class FunctionPlaces {
  /** Place of functions that call services of AWS only. */
  public readonly inside: FunctionPlace;
  /** Place of functions that call keys and stores outside AWS; the other one if there are none. */
  public readonly outside: FunctionPlace;
  /** The way out, for alarms on changes; undefined if there is none, or if all functions have it. */
  public readonly watch: EgressWatch | undefined;

  constructor(scope: Construct, props: PlacesProps) {
    const { vpcSubnets, group, egress } = props;
    const destinations = destinationsOf(props.destinations);
    requireEgress(egress, { ...props, destinations });
    if (egress?._kind === 'natGateway') warnOfBareNat(scope);
    this.inside = { vpcSubnets, securityGroups: [group] };
    const missing = props.ownsEndpoints || egress ? destinations : destinations.filter(({ port }) => port !== HTTPS);
    if (missing.length === 0) {
      this.outside = this.inside;
      return;
    }
    const { way, ...outside } = this.createOutside(scope, props, missing);
    this.outside = outside;
    this.watch = watchOf(way, props, outside);
  }

  private createOutside(scope: Construct, props: PlacesProps, destinations: readonly Destination[]) {
    const { vpc, environment, storageKey, zones, cidr = DEFAULT_CIDR } = props;
    const { removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } = props;
    const securityGroup = new ec2.SecurityGroup(scope, 'Outside', {
      vpc,
      description: `share vault ${environment}: functions with a way out`,
      allowAllOutbound: false,
    });
    const block = egressBlock((each) => overlaps(each, cidr));
    const context = {
      scope,
      environment,
      vpc,
      storageKey,
      removalPolicy,
      cidr: block,
      zones,
      destinations,
      securityGroup,
    };
    const way = props.egress?._create(context) ?? vpcWay(context);
    const { subnets, variables, parts } = way;
    return {
      way,
      variables,
      parts,
      vpcSubnets: subnets ? { subnets: [...subnets] } : props.vpcSubnets,
      securityGroups: [props.group, securityGroup],
    };
  }
}

/** Returns what changes a way: with a gateway in the network, also the routes of the subnets that have no way. */
function watchOf(
  { routed = [], firewall = false }: EgressWay,
  { vpc }: PlacesProps,
  place: FunctionPlace,
): EgressWatch {
  // by kind, then by zone
  const sorted = [...routed].sort((a, b) => (a.node.id < b.node.id ? -1 : 1));
  const tables = [...sorted, ...(routed.length > 0 ? vpc.isolatedSubnets : [])];
  return {
    routeTableIds: tables.map(({ routeTable }) => routeTable.routeTableId),
    groupIds: place.securityGroups.map(({ securityGroupId }) => securityGroupId),
    firewall,
  };
}

function warnOfBareNat(scope: Construct): void {
  Annotations.of(scope).addWarningV2(
    'cdk-share-vault:natGateway',
    'functions with access to key material can reach every host of the internet: Egress.firewall() limits them to those that they need',
  );
}
