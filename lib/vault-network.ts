import { Annotations, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { NetworkOptions } from './network-options';
import { requireEnvironment, requireFlag, requireRemovalPolicy } from './private/checks';
import { DEFAULT_CIDR } from './private/cidr';
import { isCreatedInStackOf, pathOf, placeOf } from './private/consumer-place';
import { addressOf, bucketAddressOf, createEndpoint } from './private/endpoint';
import { FunctionPlaces } from './private/function-places';
import { identityTokenStatements } from './private/identity-token';
import { warnOfIsolation } from './private/isolation';
import { requireNetworkOptions } from './private/network-checks';
import { applyRemoval } from './private/removal';
import { excludeConsumers } from './private/dependency-roots';
import { chooseSubnets } from './private/subnet-choice';
import { endpointSubnets } from './private/subnet-zones';
import { VaultRole } from './private/vault-role';
import type { StorageKey } from './storage-key';

/** Props of `VaultNetwork`. */
export interface VaultNetworkProps extends NetworkOptions {
  /** Environment of the vault. */
  readonly environment: string;

  /** Key that encrypts the flow log. */
  readonly storageKey: StorageKey;

  /**
   * Removal policy of the flow log.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether functions get web identity tokens from AWS STS: the endpoints then include one for STS.
   *
   * @default false
   */
  readonly identityTokens?: boolean;

  /**
   * Whether functions put objects into a bucket of the vault: the endpoints then include one for S3.
   *
   * @default false
   */
  readonly bucket?: boolean;

  /**
   * Hosts outside AWS that functions call for keys and stores, each as `HOST:PORT`.
   *
   * @default - none
   */
  readonly destinations?: string[];
}

/** The network of the vault's functions and database, and the only ways out of it. */
export class VaultNetwork extends Construct {
  /** The VPC. */
  public readonly vpc: ec2.IVpc;
  /** Subnets of functions and database. Functions with a way out of the vault's own network are in others. */
  public readonly vpcSubnets: ec2.SubnetSelection;
  /** Security group of the functions: out to the endpoints and to the database, nothing in. */
  public readonly functionSecurityGroup: ec2.ISecurityGroup;
  /** Whether the vault created a KMS endpoint in the network, so that keys can require it. */
  public readonly ownsEndpoints: boolean;
  /** Environment variables with the addresses of endpoints without a private DNS name, for the AWS SDK. */
  public readonly endpointVariables: Readonly<Record<string, string>>;
  /**
   * Environment variables with the address of the vault's S3 endpoint, for the functions that put objects. It has no
   * private DNS name in any network: such a name would need a gateway endpoint for S3 too. Empty without that endpoint.
   *
   * @internal
   */
  public readonly _bucketVariables: Readonly<Record<string, string>>;
  /**
   * Environment variables with the address of the vault's Lambda endpoint, for the AWS SDK of a consumer in `vpc`: the
   * endpoint has no private DNS name there. It only passes calls to the vault. Empty if the usual name leads to the
   * endpoint, or if there is no endpoint.
   */
  public readonly consumerVariables: Readonly<Record<string, string>>;
  /**
   * Subnets and security groups of functions.
   *
   * @internal
   */
  public readonly _places: FunctionPlaces;
  private readonly shared: boolean;
  private readonly endpoints = new Map<string, ec2.InterfaceVpcEndpoint>();
  /** one for each zone */
  private readonly endpointSubnets: readonly ec2.ISubnet[];

  constructor(scope: Construct, id: string, props: VaultNetworkProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    if (props.removalPolicy !== undefined) requireRemovalPolicy(props.removalPolicy);
    if (props.identityTokens !== undefined) requireFlag('identityTokens', props.identityTokens);
    if (props.bucket !== undefined) requireFlag('bucket', props.bucket);
    requireNetworkOptions(this, props);
    this.shared = props.vpc !== undefined;
    this.ownsEndpoints = props.endpoints ?? !this.shared;
    this.vpc = props.vpc ?? this.createVpc(props);
    const { selection, selected } = chooseSubnets(this.vpc, props, this.ownsEndpoints);
    this.vpcSubnets = selection;
    this.endpointSubnets = endpointSubnets(this, {
      selected,
      chosenBy: !props.vpc ? 'availabilityZones' : props.vpcSubnets ? 'vpcSubnets' : 'vpc',
      vpcZones: props.vpcZones,
      endpointZones: props.endpointZones ?? 2,
      strict: this.ownsEndpoints || props.consumerEndpoint === true || props.environment === 'prod',
    });
    if (!this.ownsEndpoints) warnOfIsolation(this, this.vpc, selected);
    this.functionSecurityGroup = new ec2.SecurityGroup(this, 'Functions', {
      vpc: this.vpc,
      description: `share vault ${props.environment}: functions`,
      allowAllOutbound: false,
    });
    this.endpointVariables = this.ownsEndpoints ? this.createEndpoints(props.identityTokens ?? false) : {};
    this._bucketVariables = this.ownsEndpoints && props.bucket === true ? this.createBucketEndpoint() : {};
    if (!this.ownsEndpoints) {
      this.functionSecurityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'KMS and Secrets Manager');
    }
    this._places = this.createPlaces(props);
    this.consumerVariables = props.consumerEndpoint ? this.createConsumerEndpoint() : {};
    excludeConsumers(this);
  }

  /**
   * Lets a consumer inside the network reach the Lambda endpoint. Does nothing for a consumer in another network, which
   * has its own way to Lambda. Throws for a consumer in the vault's own network if that has no Lambda endpoint.
   */
  public allowConsumer(consumer: ec2.IConnectable): void {
    const endpoint = this.endpoints.get('lambda');
    const place = placeOf(consumer, this.vpc);
    if (place === 'inside' && endpoint) {
      const [port, description] = [ec2.Port.tcp(443), 'to the vault'] as const;
      // the scope of the rules is the construct whose stack already depends on the other stack
      if (isCreatedInStackOf(this.vpc, consumer, this)) endpoint.connections.allowFrom(consumer, port, description);
      else consumer.connections.allowTo(endpoint, port, description);
    } else if (place === 'inside' && !this.shared) {
      throw new Error(
        `connect: expected a vault with consumerEndpoint: true for ${pathOf(consumer)}, which is in the vault's own network without another way to Lambda, got one without`,
      );
    } else if (place === 'unknown' && endpoint) {
      Annotations.of(Construct.isConstruct(consumer) ? consumer : this).addWarningV2(
        'cdk-share-vault:consumerNetworkUnknown',
        "synth can't determine whether the consumer is in the vault's network, so no rule lets it reach the vault's Lambda endpoint: give both the same vpc",
      );
    }
  }

  /**
   * Lets a consumer that seals reach KMS, whose intake keys it encrypts to, if it is in the vault's own network: only the
   * vault's endpoint leads to KMS there.
   *
   * @internal
   */
  public _allowSealer(consumer: ec2.IConnectable): void {
    const kms = this.endpoints.get('kms');
    if (!kms || !this._hasConsumers || placeOf(consumer, this.vpc) !== 'inside') return;
    consumer.connections.allowTo(kms, ec2.Port.tcp(443), 'to the public keys of the vault');
  }

  /**
   * Whether consumers can be inside the vault's own network.
   *
   * @internal
   */
  public get _hasConsumers(): boolean {
    return !this.shared && this.endpoints.has('lambda');
  }

  /**
   * Lets a role make certain calls through the vault's endpoint for a service: `kms`, `secretsmanager`, `s3` or `lambda`. All
   * other calls are refused there. Does nothing without such an endpoint.
   *
   * @param sid names the statement
   * @internal
   */
  public _allowCalls(
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

  /**
   * Lets a role get web identity tokens for these audiences through the vault's endpoint for STS. Does nothing without
   * such an endpoint.
   *
   * @internal
   */
  public _allowIdentityTokens(principalArns: string[], audiences: readonly string[]): void {
    const conditions = { ArnEquals: { 'aws:PrincipalArn': principalArns } };
    const principals = [new iam.AnyPrincipal()];
    const statements = identityTokenStatements(audiences, { principals, conditions });
    for (const statement of statements) this.endpoints.get('sts')?.addToPolicy(statement);
  }

  private createPlaces(props: VaultNetworkProps): FunctionPlaces {
    return new FunctionPlaces(this, {
      ...props,
      isShared: this.shared,
      ownsEndpoints: this.ownsEndpoints,
      vpc: this.vpc,
      vpcSubnets: this.vpcSubnets,
      zones: this.endpointSubnets,
      group: this.functionSecurityGroup,
    });
  }

  private createVpc(props: VaultNetworkProps): ec2.IVpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(props.cidr ?? DEFAULT_CIDR),
      ...(props.availabilityZones ? { availabilityZones: props.availabilityZones } : { maxAzs: 2 }),
      natGateways: 0,
      subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      restrictDefaultSecurityGroup: true,
    });
    if (props.availabilityZones) {
      Validations.of(vpc).acknowledge({
        id: 'CloudFormation-Validate::W3010',
        reason: 'zones are given because synth must not look them up',
      });
    }
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    applyRemoval(vpc, removalPolicy);
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

  private createConsumerEndpoint(): Readonly<Record<string, string>> {
    const endpoint = this.createEndpoint('lambda', ec2.InterfaceVpcEndpointAwsService.LAMBDA);
    return this.shared ? { AWS_ENDPOINT_URL_LAMBDA: addressOf(endpoint) } : {};
  }

  private createEndpoints(identityTokens: boolean): Readonly<Record<string, string>> {
    const kms = this.createEndpoint('kms', ec2.InterfaceVpcEndpointAwsService.KMS);
    const secrets = this.createEndpoint('secretsmanager', ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER);
    this.functionSecurityGroup.connections.allowTo(kms, ec2.Port.tcp(443), 'KMS');
    this.functionSecurityGroup.connections.allowTo(secrets, ec2.Port.tcp(443), 'Secrets Manager');
    const sts = identityTokens ? this.createEndpoint('sts', ec2.InterfaceVpcEndpointAwsService.STS) : undefined;
    if (sts) this.functionSecurityGroup.connections.allowTo(sts, ec2.Port.tcp(443), 'STS');
    if (!this.shared) return {};
    return {
      AWS_ENDPOINT_URL_KMS: addressOf(kms),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: addressOf(secrets),
      ...(sts && { AWS_ENDPOINT_URL_STS: addressOf(sts) }),
    };
  }

  /**
   * Creates an interface endpoint, as for the other services. A gateway endpoint would cost nothing, but security groups
   * name it by a prefix list whose id synth can't know.
   */
  private createBucketEndpoint(): Readonly<Record<string, string>> {
    const s3 = this.createEndpoint('s3', ec2.InterfaceVpcEndpointAwsService.S3, false);
    this.functionSecurityGroup.connections.allowTo(s3, ec2.Port.tcp(443), 'S3');
    return { AWS_ENDPOINT_URL_S3: bucketAddressOf(s3) };
  }

  private createEndpoint(
    name: string,
    service: ec2.IInterfaceVpcEndpointService,
    // in an existing network, the usual name may already lead elsewhere, and would lead every other caller here
    privateDnsEnabled = !this.shared,
  ): ec2.InterfaceVpcEndpoint {
    const endpoint = createEndpoint(this, name, service, {
      vpc: this.vpc,
      subnets: this.endpointSubnets,
      privateDnsEnabled,
    });
    this.endpoints.set(name, endpoint);
    return endpoint;
  }
}
