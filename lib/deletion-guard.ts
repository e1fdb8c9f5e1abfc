import { ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { CLUSTER_LIFT, LOG_WRITE } from './private/actions';
import { ClosedFunction } from './private/closed-function';
import { requireEnvironment } from './private/checks';
import { DELETION_GUARD_CODE } from './private/deletion-guard-code';
import { functionArn, functionName } from './private/names';
import { VaultRole } from './private/vault-role';
import type { StorageKey } from './storage-key';

/** Props of `DeletionGuard`. */
export interface DeletionGuardProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Construct that waits for the guard's function, so that only the guard itself is created after it. */
  readonly cluster: rds.IDatabaseCluster;
  /** Key that encrypts the function's log. */
  readonly storageKey: StorageKey;
}

/** Name of the function within its environment, beside the handlers. */
const NAME = 'guard';
/** Longer than the two minutes that the code takes at most. */
const TIMEOUT = Duration.minutes(4);

/**
 * Lifts the deletion protection of a cluster if its own creation is rolled back, and in no other case. CloudFormation
 * deletes a custom resource of this retention only if the operation that created it is rolled back, and before the
 * cluster that it refers to. After a first deploy the guard never runs again. The guard leaves a cluster with instances
 * unchanged: instances are created after the guard, so a rolled back creation has deleted them before. The cluster is
 * created after the guard's function, and all other parts of the vault after the guard: until the guard exists, nothing
 * else can fail.
 */
export class DeletionGuard extends Construct {
  /** @internal */
  public readonly _resource: CustomResource;
  /** @internal */
  public readonly _role: VaultRole;

  constructor(scope: Construct, id: string, props: DeletionGuardProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    this._role = new VaultRole(this, 'Role', {
      description: descriptionOf(props.environment),
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const handler = this.createFunction(props);
    // includes the role's policy
    props.cluster.node.defaultChild?.node.addDependency(handler);
    this._resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::ShareVaultDeletionGuard',
      serviceToken: handler.functionArn,
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      properties: { ClusterIdentifier: props.cluster.clusterIdentifier },
    });
    // the function waits for its permissions, and is deleted before them
    this._resource.node.addDependency(handler);
  }

  private createFunction({ environment, storageKey, cluster }: DeletionGuardProps): lambda.Function {
    const stack = Stack.of(this);
    const description = descriptionOf(environment);
    const role = this._role;
    const logGroup = new logs.LogGroup(this, 'Log', {
      encryptionKey: storageKey.key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const clusterArn = stack.formatArn({
      service: 'rds',
      resource: 'cluster',
      resourceName: nameOf(cluster),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid: 'AllowOwnLog',
        actions: [...LOG_WRITE],
        resources: [logGroup.logGroupArn],
      }),
    );
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid: 'AllowLiftDeletionProtection',
        actions: [...CLUSTER_LIFT],
        resources: [clusterArn],
        // the permission covers the cluster's other settings too; only the function's code has it
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn(stack, environment, NAME) } },
      }),
    );
    return new ClosedFunction(this, 'Function', {
      functionName: functionName(environment, NAME),
      description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromInline(DELETION_GUARD_CODE),
      role,
      logGroup,
      timeout: TIMEOUT,
      environmentEncryption: storageKey.key,
    });
  }
}

function descriptionOf(environment: string): string {
  return `share vault ${environment}: lets a failed first deploy delete its database`;
}

/**
 * Returns the cluster's name as the template gives it. A resource that the cluster waits for can't refer to the
 * cluster.
 */
function nameOf({ node }: rds.IDatabaseCluster): string {
  const resource = node.defaultChild;
  const name = resource instanceof rds.CfnDBCluster ? resource.dbClusterIdentifier : undefined;
  if (name === undefined) throw new Error('cluster: expected one of the stack with an identifier, got none');
  return name;
}
