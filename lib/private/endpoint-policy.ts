import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Gives an endpoint a policy from the start: one without any lets everything pass. What is allowed is added by name;
 * credentials of other accounts never pass, which keeps the endpoint from being a way out for data.
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
