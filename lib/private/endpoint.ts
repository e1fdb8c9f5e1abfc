import { Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** An interface endpoint of a vault for a service of AWS. */
export interface EndpointProps {
  readonly vpc: ec2.IVpc;
  /** One subnet for each zone. */
  readonly subnets: readonly ec2.ISubnet[];
  readonly privateDnsEnabled: boolean;
}

/** Creates an endpoint through which nothing passes until `_allowCalls` allows it. */
export function createEndpoint(
  scope: Construct,
  name: string,
  service: ec2.IInterfaceVpcEndpointService,
  { vpc, subnets, privateDnsEnabled }: EndpointProps,
): ec2.InterfaceVpcEndpoint {
  const endpoint = new ec2.InterfaceVpcEndpoint(scope, `Endpoint-${name}`, {
    vpc,
    service,
    subnets: { subnets: [...subnets] },
    privateDnsEnabled,
    open: false,
    securityGroups: [
      new ec2.SecurityGroup(scope, `Endpoint-${name}-Group`, {
        vpc,
        description: `share vault: endpoint for ${name}`,
        allowAllOutbound: false,
      }),
    ],
  });
  denyOtherAccounts(endpoint);
  return endpoint;
}

/** Returns the first of an endpoint's DNS names, which covers all of its zones; entries read `ZONE:NAME`. */
export function addressOf(endpoint: ec2.InterfaceVpcEndpoint): string {
  const entry = Fn.select(0, endpoint.vpcEndpointDnsEntries);
  return `https://${Fn.select(1, Fn.split(':', entry))}`;
}

/** Returns the address for requests to buckets in path style: the DNS names of S3 endpoints begin with `*.`. */
export function bucketAddressOf(endpoint: ec2.InterfaceVpcEndpoint): string {
  const [first, id] = [Fn.select(0, endpoint.vpcEndpointDnsEntries), 'vpce-'];
  return `https://bucket.${id}${Fn.select(1, Fn.split(id, first))}`;
}

/**
 * Gives an endpoint a policy from the start: an endpoint without a policy allows everything. Allowed calls are added by
 * name. Credentials of other accounts are always refused, so that the endpoint can't be used to export data.
 */
function denyOtherAccounts(endpoint: ec2.InterfaceVpcEndpoint): void {
  endpoint.addToPolicy(
    new iam.PolicyStatement({
      sid: 'DenyOtherAccounts',
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['*'],
      resources: ['*'],
      conditions: { StringNotEquals: { 'aws:PrincipalAccount': Stack.of(endpoint).account } },
    }),
  );
}
