import { Fn, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { NetworkOptions } from './network-options';
import { requireEnvironment, requireWholeNumber } from './private/checks';
import { closeEndpoint } from './private/endpoint-policy';
import { keep } from './private/removal';
import { VaultRole } from './private/vault-role';
import type { StorageKey } from './storage-key';

export interface VaultNetworkProps extends NetworkOptions {
  readonly environment: string;

  /** Encrypts the flow log. */
  readonly storageKey: StorageKey;

  /**
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Where the vault's functions and database live, and the only ways out of it. */
export class VaultNetwork extends Construct {
  public readonly vpc: ec2.IVpc;
  public readonly vpcSubnets: ec2.SubnetSelection;
  /** The functions': out to the endpoints and to the database, nothing in. */
  public readonly functionSecurityGroup: ec2.ISecurityGroup;
  /** Whether the network has a KMS endpoint of the vault's own, so that keys can insist on it. */
  public readonly ownsEndpoints: boolean;
  /** What tells the AWS SDK where endpoints without a private DNS name are. */
  public readonly endpointVariables: Readonly<Record<string, string>>;
  private readonly endpoints = new Map<string, ec2.InterfaceVpcEndpoint>();
  private readonly endpointZones: number;

  constructor(scope: Construct, id: string, props: VaultNetworkProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    this.endpointZones = props.endpointZones ?? 2;
    requireWholeNumber('endpointZones', this.endpointZones, 1, 3);
    this.ownsEndpoints = props.endpoints ?? !props.vpc;
    if (!props.vpc && !this.ownsEndpoints) {
      throw new Error('endpoints: expected true in a network of its own, which has no other way to KMS, got false');
    }

    this.vpc = props.vpc ?? this.createVpc(props);
    this.vpcSubnets = props.vpcSubnets ?? {
      subnetType: this.ownsEndpoints ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS,
    };
    this.functionSecurityGroup = new ec2.SecurityGroup(this, 'Functions', {
      vpc: this.vpc,
      description: `share vault ${props.environment}: functions`,
      allowAllOutbound: false,
    });
    this.endpointVariables = this.ownsEndpoints ? this.createEndpoints(props.vpc !== undefined) : {};
    if (!this.ownsEndpoints) {
      this.functionSecurityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'KMS and Secrets Manager');
    }
    if (props.consumerEndpoint) this.createEndpoint('lambda', ec2.InterfaceVpcEndpointAwsService.LAMBDA, !props.vpc);
  }

  /** Lets consumers inside the network reach the Lambda endpoint; without one nothing is changed. */
  public allowConsumer(consumer: ec2.IConnectable): void {
    const endpoint = this.endpoints.get('lambda');
    if (endpoint) consumer.connections.allowTo(endpoint, ec2.Port.tcp(443), 'to the vault');
  }

  /**
   * Lets a role do one thing through the vault's endpoint for a service: `kms`, `secretsmanager` or `lambda`. Nothing
   * else passes it. Without such an endpoint nothing is changed.
   *
   * @param sid names the statement
   * @internal
   */
  public _pass(
    service: string,
    principalArns: string[],
    actions: readonly string[],
    resources: string[],
    sid?: string,
  ): void {
    if (resources.length === 0) return;
    this.endpoints.get(service)?.addToPolicy(
      new iam.PolicyStatement({
        sid,
        principals: [new iam.AnyPrincipal()],
        actions: [...actions],
        resources,
        conditions: { ArnEquals: { 'aws:PrincipalArn': principalArns } },
      }),
    );
  }

  private createVpc(props: VaultNetworkProps): ec2.IVpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(props.cidr ?? '10.0.0.0/24'),
      ...(props.availabilityZones ? { availabilityZones: props.availabilityZones } : { maxAzs: 2 }),
      natGateways: 0,
      subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      restrictDefaultSecurityGroup: true,
    });
    if (props.availabilityZones) {
      Validations.of(vpc).acknowledge({
        id: 'CloudFormation-Validate::W3010',
        reason: 'zones are given where synth must not look them up',
      });
    }
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    keep(vpc, removalPolicy);
    const logGroup = new logs.LogGroup(this, 'FlowLogs', {
      encryptionKey: props.storageKey.key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy,
    });
    const role = new VaultRole(this, 'FlowLogRole', {
      description: `share vault ${props.environment}: writes the flow log`,
      assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com'),
    });
    vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role) });
    return vpc;
  }

  private createEndpoints(shared: boolean): Readonly<Record<string, string>> {
    const kms = this.createEndpoint('kms', ec2.InterfaceVpcEndpointAwsService.KMS, !shared);
    const secrets = this.createEndpoint('secretsmanager', ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER, !shared);
    this.functionSecurityGroup.connections.allowTo(kms, ec2.Port.tcp(443), 'KMS');
    this.functionSecurityGroup.connections.allowTo(secrets, ec2.Port.tcp(443), 'Secrets Manager');
    return shared ? { AWS_ENDPOINT_URL_KMS: address(kms), AWS_ENDPOINT_URL_SECRETS_MANAGER: address(secrets) } : {};
  }

  private createEndpoint(
    name: string,
    service: ec2.IInterfaceVpcEndpointService,
    privateDnsEnabled: boolean,
  ): ec2.InterfaceVpcEndpoint {
    const subnets = this.vpc.selectSubnets({ ...this.vpcSubnets, onePerAz: true }).subnets.slice(0, this.endpointZones);
    const endpoint = new ec2.InterfaceVpcEndpoint(this, `Endpoint-${name}`, {
      vpc: this.vpc,
      service,
      subnets: { subnets },
      privateDnsEnabled,
      open: false,
      securityGroups: [
        new ec2.SecurityGroup(this, `Endpoint-${name}-Group`, {
          vpc: this.vpc,
          description: `share vault: endpoint for ${name}`,
          allowAllOutbound: false,
        }),
      ],
    });
    closeEndpoint(endpoint);
    this.endpoints.set(name, endpoint);
    return endpoint;
  }
}

/** The first of an endpoint's DNS names stands for all of its zones; entries read `ZONE:NAME`. */
function address(endpoint: ec2.InterfaceVpcEndpoint): string {
  const entry = Fn.select(0, endpoint.vpcEndpointDnsEntries);
  return `https://${Fn.select(1, Fn.split(':', entry))}`;
}
