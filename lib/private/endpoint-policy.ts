import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Gives an endpoint a policy from the start: an endpoint without a policy allows everything. Allowed calls are added by
 * name. Credentials of other accounts are always refused, so that the endpoint can't be used to export data.
 */
export function closeEndpoint(endpoint: ec2.InterfaceVpcEndpoint): void {
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
