/**
 * Calls, by their names in CloudTrail, by which an administrator could get closer to material, or stop its monitoring.
 */

export const KEY_CHANGES = [
  // brings a retired key back, and with it what old backups have under it
  'CancelKeyDeletion',
  'DeleteImportedKeyMaterial',
  'DisableKey',
  'DisableKeyRotation',
  // undoes an emergency stop
  'EnableKey',
  // also sets another period
  'EnableKeyRotation',
  'PutKeyPolicy',
  // each key allows 25 of them, ever: they are for incidents
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  // service control policies recognize the vault's keys and secrets by the tag
  'UntagResource',
  'UpdateAlias',
] as const;

export const FUNCTION_CHANGES = [
  'AddPermission',
  'CreateAlias',
  'CreateEventSourceMapping',
  'CreateFunctionUrlConfig',
  'DeleteAlias',
  'DeleteFunction',
  'DeleteFunctionCodeSigningConfig',
  'DeleteFunctionConcurrency',
  'PutFunctionCodeSigningConfig',
  // zero stops the function
  'PutFunctionConcurrency',
  'PutFunctionEventInvokeConfig',
  'PutRuntimeManagementConfig',
  'RemovePermission',
  'UpdateAlias',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
  'UpdateFunctionEventInvokeConfig',
  'UpdateFunctionUrlConfig',
] as const;

/** Calls about a state machine, each by its ARN. */
export const MACHINE_CHANGES = ['DeleteStateMachine', 'UpdateStateMachine'] as const;

/** Prefixes of calls that change a bucket: its policy, lifecycle, replication, versions, lock or encryption. */
export const BUCKET_CHANGES = ['DeleteBucket', 'PutBucket', 'PutObjectLockConfiguration'] as const;

/** Calls by which a role is assumed, each with its `roleArn`: of principals of AWS, and of identity providers. */
export const ASSUMPTIONS = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'] as const;

export const ROLE_CHANGES = [
  'AttachRolePolicy',
  'CreatePolicyVersion',
  'DeleteRole',
  'DeleteRolePermissionsBoundary',
  'DetachRolePolicy',
  'PutRolePolicy',
  'SetDefaultPolicyVersion',
  'UpdateAssumeRolePolicy',
] as const;

/** Prefixes of calls that change an API: its integrations, routes, authorizers or the stage. */
export const API_CHANGES = ['Create', 'Delete', 'Import', 'Put', 'Reimport', 'Update'] as const;

export const PARAMETER_CHANGES = [
  'DeleteParameter',
  'DeleteParameters',
  'LabelParameterVersion',
  'PutParameter',
  'UnlabelParameterVersion',
] as const;

export const SECRET_CHANGES = [
  'DeleteResourcePolicy',
  'DeleteSecret',
  'PutResourcePolicy',
  'PutSecretValue',
  'ReplicateSecretToRegions',
  'RotateSecret',
  'UntagResource',
  'UpdateSecret',
  'UpdateSecretVersionStage',
] as const;

/** Calls that disable a rule or change its target. */
export const RULE_CHANGES = ['DeleteRule', 'DisableRule', 'PutRule', 'PutTargets', 'RemoveTargets'] as const;

export const ALARM_CHANGES = [
  'DeleteAlarms',
  'DisableAlarmActions',
  'PutAlarmMuteRule',
  'PutMetricAlarm',
  'SetAlarmState',
] as const;

export const TOPIC_CHANGES = [
  'AddPermission',
  'DeleteTopic',
  'PutDataProtectionPolicy',
  'RemovePermission',
  // a filter policy that matches nothing
  'SetSubscriptionAttributes',
  'SetTopicAttributes',
  'Unsubscribe',
] as const;

/** Calls about any trail of the region: without a trail, no call is reported. */
export const TRAIL_CHANGES = ['DeleteTrail', 'PutEventSelectors', 'StopLogging', 'UpdateTrail'] as const;

export const LOG_CHANGES = [
  'AssociateKmsKey',
  'DeleteDataProtectionPolicy',
  'DeleteLogGroup',
  'DeleteLogStream',
  'DeleteMetricFilter',
  'DeleteRetentionPolicy',
  'DisassociateKmsKey',
  'PutDataProtectionPolicy',
  'PutMetricFilter',
  'PutRetentionPolicy',
] as const;

/** Calls that name the cluster, each as `dBClusterIdentifier`. */
export const CLUSTER_CHANGES = [
  'AddRoleToDBCluster',
  'CreateDBClusterSnapshot',
  'CreateDBInstance',
  'DeleteDBCluster',
  'ModifyDBCluster',
  'StopDBCluster',
] as const;

/** Calls that name an instance, each as `dBInstanceIdentifier`. */
export const INSTANCE_CHANGES = ['DeleteDBInstance', 'ModifyDBInstance'] as const;

/** Calls that name a snapshot or a parameter group of any cluster: their names can't be derived. */
export const CLUSTER_PART_CHANGES = [
  'ModifyDBClusterParameterGroup',
  'ModifyDBClusterSnapshotAttribute',
  'ResetDBClusterParameterGroup',
] as const;

/** Calls that name an endpoint in an undocumented member: calls about any endpoint are reported. */
export const ENDPOINT_CHANGES = ['DeleteVpcEndpoints', 'ModifyVpcEndpoint'] as const;

/** Calls that name a route table. */
export const ROUTE_CHANGES = ['CreateRoute', 'DeleteRoute', 'DeleteRouteTable', 'ReplaceRoute'] as const;

/** Calls that name a security group. */
export const GROUP_CHANGES = ['AuthorizeSecurityGroupEgress', 'AuthorizeSecurityGroupIngress'] as const;

/** Calls that name an association, a rule or a gateway, whose ids can't be derived: such calls of the account are reported. */
export const NETWORK_CHANGES = [
  'AssociateRouteTable',
  'AttachInternetGateway',
  'DisassociateRouteTable',
  'ModifySecurityGroupRules',
  'ReplaceRouteTableAssociation',
] as const;

/** Prefixes of calls that change a firewall, its policy, its rules or its log. */
export const FIREWALL_CHANGES = ['Associate', 'Delete', 'Disassociate', 'Put', 'Update'] as const;

/** Calls that name the backup vault, each as `backupVaultName`. */
export const BACKUP_CHANGES = [
  'DeleteBackupVault',
  'DeleteBackupVaultLockConfiguration',
  'DeleteRecoveryPoint',
  'DisassociateRecoveryPoint',
  'PutBackupVaultAccessPolicy',
  'UpdateRecoveryPointLifecycle',
] as const;

/** Calls that name a plan by its id, or change the account's opt-in. */
export const BACKUP_PLAN_CHANGES = [
  'DeleteBackupPlan',
  'DeleteBackupSelection',
  'UpdateBackupPlan',
  'UpdateRegionSettings',
] as const;
