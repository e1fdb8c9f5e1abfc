import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { KEY_DATA, LOG_WRITE, NETWORK_INTERFACES } from './actions';
import type { VaultRole } from './vault-role';

/**
 * What every function's role may do, and what its credentials can't be carried away for: Lambda says in each request
 * which function it came from, and from nowhere else may they use a key.
 */
export function restrictRole(
  role: VaultRole,
  props: {
    readonly functionArn: string;
    readonly logGroup: logs.ILogGroup;
    /** keys that services use for the role */
    readonly serviceKeys: readonly kms.IKey[];
  },
): void {
  const itself = [props.functionArn, `${props.functionArn}:*`];
  const statements = [
    new iam.PolicyStatement({
      sid: 'AllowOwnLog',
      actions: [...LOG_WRITE],
      // a log group's ARN ends in `:*` already, which takes its streams in
      resources: [props.logGroup.logGroupArn],
    }),
    new iam.PolicyStatement({ sid: 'AllowNetworkInterfaces', actions: [...NETWORK_INTERFACES], resources: ['*'] }),
    // Lambda does that itself: the code in the function has no business with interfaces
    new iam.PolicyStatement({
      sid: 'DenyNetworkInterfacesFromCode',
      effect: iam.Effect.DENY,
      actions: [...NETWORK_INTERFACES],
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': itself } },
    }),
    // keys of services are left out: these use them for this role before and beside the function. So are calls that a
    // service makes for the role, such as Secrets Manager's under AWS's own key, with which no function's name may come.
    // Reading its secrets is all that a role may ask of such services, so nothing else opens that way
    new iam.PolicyStatement({
      sid: 'DenyKeyUseUnlessOwnFunction',
      effect: iam.Effect.DENY,
      actions: [...KEY_DATA],
      notResources: props.serviceKeys.map((key) => key.keyArn),
      conditions: {
        ArnNotLike: { 'lambda:SourceFunctionArn': itself },
        BoolIfExists: { 'aws:ViaAWSService': 'false' },
      },
    }),
  ];
  for (const statement of statements) role.addToPrincipalPolicy(statement);
}
