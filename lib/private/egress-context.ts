import type { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { StorageKey } from '../storage-key';

/** A host outside AWS, and its port. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** The network that gets a way out. */
export interface EgressContext {
  /** The network's construct. */
  readonly scope: Construct;
  readonly environment: string;
  readonly vpc: ec2.IVpc;
  readonly storageKey: StorageKey;
  readonly removalPolicy: RemovalPolicy;
  /** Block of addresses for subnets with a way out, which no other subnet has. */
  readonly cidr: string;
  /** One subnet without a way out for each zone that gets one. */
  readonly zones: readonly ec2.ISubnet[];
  readonly destinations: readonly Destination[];
  /** Security group of the functions that use the way, besides their other one. */
  readonly securityGroup: ec2.SecurityGroup;
}

/** A way out, for the functions that use it. */
export interface EgressWay {
  /** Subnets of these functions; undefined if they need no others. */
  readonly subnets?: readonly ec2.ISubnet[];
  /** Variables of these functions. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The way's parts, if the functions must wait for them. */
  readonly parts?: Construct;
  /** Subnets whose route tables decide where the way leads, besides those of the database; undefined if it needs none. */
  readonly routed?: readonly ec2.Subnet[];
  /** Whether a firewall decides about connections. */
  readonly firewall?: boolean;
}

/** What alarms on changes watch of a way out. */
export interface EgressWatch {
  readonly routeTableIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly firewall: boolean;
}

/** An `Egress`, as a network uses it. */
export interface EgressChoice {
  readonly _kind: string;
  _create(context: EgressContext): EgressWay;
}

/** Lets the functions use the routes of an existing network. */
export function vpcWay(context: EgressContext): EgressWay {
  allowEverywhere(context);
  return {};
}

/** Lets the functions reach every address at the ports of their destinations: the routes decide how far they get. */
export function allowEverywhere({ securityGroup, destinations }: EgressContext): void {
  for (const port of new Set(destinations.map((each) => each.port))) {
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), 'keys and stores outside AWS');
  }
}
