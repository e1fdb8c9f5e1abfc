import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Egress } from './egress';

/** Options of the vault's network. */
export interface NetworkOptions {
  /**
   * An existing network. It can't change after the first deploy, nor can the choice between it and a network of the
   * vault's own: a database can't move, and CloudFormation refuses the change.
   *
   * @default - a network of the vault's own: two isolated zones, no internet gateway, no NAT
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets of `vpc` for functions and database, in at least two zones. Public subnets are refused. A change that
   * removes a subnet with an instance of the database fails and changes nothing.
   *
   * @default - the private subnets with egress, or the isolated ones if `endpoints` is true
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Number of zones of the chosen subnets of `vpc`, 2 to 6. Only for subnets that synth can't count, because zones or
   * subnets are tokens (`Fn.getAzs`, `Fn.importValue`, a parameter). The first subnets, one for each zone, are then
   * assumed to be in different zones. Endpoints and `prod` are refused without this number; other networks get a
   * warning.
   *
   * @default - counted at synth
   */
  readonly vpcZones?: number;

  /**
   * Names of at least two zones of the vault's own network. Needed if the stack's account and region are given and
   * synth must not call AWS. Refused together with `vpc`. They can't change after the first deploy: EC2 refuses the
   * same address range in another zone, and nothing changes.
   *
   * @default - two zones of the region
   */
  readonly availabilityZones?: string[];

  /**
   * Address range of the vault's own network: a private range (RFC 1918, or 100.64.0.0/10), /16 to /27 for two zones.
   * Refused together with `vpc`. It can't change after the first deploy: another range means another network, and
   * CloudFormation refuses the change.
   *
   * @default '10.0.0.0/24'
   */
  readonly cidr?: string;

  /**
   * Whether to create endpoints for KMS and Secrets Manager. In an existing network they get no private DNS name: such
   * a name could conflict with existing endpoints, and would redirect all other callers in the network. The functions
   * get the addresses in environment variables.
   *
   * @default - true in the vault's own network, false in `vpc`
   */
  readonly endpoints?: boolean;

  /**
   * Number of zones of each endpoint, at most the number of the network's zones. One zone costs half as much, and calls
   * fail if that zone fails.
   *
   * @default 2
   */
  readonly endpointZones?: number;

  /**
   * Whether to create an endpoint for Lambda, so that consumers inside the network can invoke the vault. In the vault's
   * own network it is the only way; in `vpc`, consumers need the variables of `network.consumerVariables` to use it.
   *
   * @default false
   */
  readonly consumerEndpoint?: boolean;

  /**
   * The way to keys and stores outside AWS, for the functions that call them. The vault's own network needs one as soon as
   * there is such a key or store, and refuses one without; recovery keys need none. In `vpc`, the network's routes decide:
   * with `endpoints`, say so by `Egress.vpc()`.
   *
   * @default - none; in `vpc` without `endpoints`, the network's own way
   */
  readonly egress?: Egress;
}
