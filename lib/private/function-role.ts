import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { KEY_DATA, LOG_WRITE, NETWORK_INTERFACES } from './actions';
import type { VaultRole } from './vault-role';

/**
 * Adds the permissions that every function's role has, and refuses the use of its credentials elsewhere: Lambda adds
 * the calling function to each request, and no other source may use a key.
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
      // a log group's ARN already ends in `:*`, which covers its streams
      resources: [props.logGroup.logGroupArn],
    }),
    new iam.PolicyStatement({ sid: 'AllowNetworkInterfaces', actions: [...NETWORK_INTERFACES], resources: ['*'] }),
    // Lambda makes these calls itself; the function's code needs none of them
    new iam.PolicyStatement({
      sid: 'DenyNetworkInterfacesFromCode',
      effect: iam.Effect.DENY,
      actions: [...NETWORK_INTERFACES],
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': itself } },
    }),
    // Keys of services are exempt: services use them for this role before the function runs and beside it. Calls that a
    // service makes for the role are exempt too, such as Secrets Manager's under AWS's own key: they carry no
    // function's name. The role may only read its secrets through such services, so this opens no other way.
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
