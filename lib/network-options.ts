import type * as ec2 from 'aws-cdk-lib/aws-ec2';

/** What can be chosen of the network that a vault lives in. */
export interface NetworkOptions {
  /**
   * A network that exists. Fixed after the first deploy, as is the choice between it and a network of the vault's own: a
   * database can't move, and CloudFormation refuses the change.
   *
   * @default - one of the vault's own: two isolated zones, no internet gateway, no NAT
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets of `vpc` for functions and database, in two zones at least. Public ones are refused. A change that takes a
   * subnet away in which the database has an instance fails, and changes nothing.
   *
   * @default - its private subnets with egress, or the isolated ones if `endpoints` is true
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Number of zones that the chosen subnets of `vpc` are in, 2 to 6, if synth can't count them: zones or subnets come as
   * tokens (`Fn.getAzs`, `Fn.importValue`, a parameter). As many subnets, from the first, are then taken to be in a zone
   * each. Endpoints and `prod` are refused without it; other networks get a warning.
   *
   * @default - counted at synth
   */
  readonly vpcZones?: number;

  /**
   * Names of the zones of the vault's own network, two at least. Needed if the stack's account and region are given and
   * synth must not ask AWS. Refused beside `vpc`. Fixed after the first deploy: EC2 refuses the same address range in
   * another zone, and nothing changes.
   *
   * @default - two of the region's
   */
  readonly availabilityZones?: string[];

  /**
   * Address range of the vault's own network: a private one (RFC 1918, or 100.64.0.0/10), /16 to /27 for two zones.
   * Refused beside `vpc`. Fixed after the first deploy: another range means another network, and CloudFormation refuses
   * the change.
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
   * Number of zones that each endpoint is in, at most those of the network. One costs half and fails with its zone.
   *
   * @default 2
   */
  readonly endpointZones?: number;

  /**
   * Whether to make an endpoint for Lambda, through which consumers inside the network invoke the vault. In the vault's
   * own network they have no other way; in `vpc` they need the variables of `network.consumerVariables` to use it.
   *
   * @default false
   */
  readonly consumerEndpoint?: boolean;
}
