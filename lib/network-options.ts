import type * as ec2 from 'aws-cdk-lib/aws-ec2';

/** What can be chosen of the network that a vault lives in. */
export interface NetworkOptions {
  /**
   * A network that exists.
   *
   * @default - one of the vault's own: two isolated zones, no internet gateway, no NAT
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Where functions and database go in `vpc`.
   *
   * @default - its private subnets with egress, or the isolated ones where `endpoints` is true
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The zones of the vault's own network. Needed where the stack's account and region are given and the synth must
   * not ask AWS.
   *
   * @default - two of the region's
   */
  readonly availabilityZones?: string[];

  /**
   * Address range of the vault's own network.
   *
   * @default '10.0.0.0/24'
   */
  readonly cidr?: string;

  /**
   * Whether to make endpoints for KMS and Secrets Manager. In a network that exists they get no private DNS name, which
   * could clash with endpoints that are there and would redirect everyone in it: the functions are told their addresses.
   *
   * @default - true in the vault's own network, false in `vpc`
   */
  readonly endpoints?: boolean;

  /**
   * In how many zones each endpoint stands. One costs half and fails with its zone.
   *
   * @default 2
   */
  readonly endpointZones?: number;

  /**
   * Whether to make an endpoint for Lambda, through which consumers inside the network invoke the vault.
   *
   * @default false
   */
  readonly consumerEndpoint?: boolean;
}
