/** Calls, by their names in CloudTrail, by which an administrator could come nearer to material, or unwatch it. */

export const KEY_CHANGES = [
  'DeleteImportedKeyMaterial',
  'DisableKey',
  'DisableKeyRotation',
  // it also sets another period
  'EnableKeyRotation',
  'PutKeyPolicy',
  // ten for each key, ever: they are for incidents
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  // the tag is what a service control policy knows the vault's keys and secrets by
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

/** How calls that change an API begin: whatever they change of it, integrations, routes, authorizers or the stage. */
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

/** Calls that switch a rule off, or turn it elsewhere. */
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
  // a filter policy that nothing passes
  'SetSubscriptionAttributes',
  'SetTopicAttributes',
  'Unsubscribe',
] as const;

/** Calls about any trail of the region: without one, no call is reported at all. */
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

/** Calls that name a snapshot or a parameter group, of whatever cluster: their names follow from no other. */
export const CLUSTER_PART_CHANGES = [
  'ModifyDBClusterParameterGroup',
  'ModifyDBClusterSnapshotAttribute',
  'ResetDBClusterParameterGroup',
] as const;

/** Calls that name an endpoint in a member that no document shows: those about any endpoint count. */
export const ENDPOINT_CHANGES = ['DeleteVpcEndpoints', 'ModifyVpcEndpoint'] as const;

/** Calls that name the backup vault, each as `backupVaultName`. */
export const BACKUP_CHANGES = [
  'DeleteBackupVault',
  'DeleteBackupVaultLockConfiguration',
  'DeleteRecoveryPoint',
  'DisassociateRecoveryPoint',
  'PutBackupVaultAccessPolicy',
  'UpdateRecoveryPointLifecycle',
] as const;

/** Calls that name a plan by its id, or concern the account's opt-in. */
export const BACKUP_PLAN_CHANGES = [
  'DeleteBackupPlan',
  'DeleteBackupSelection',
  'UpdateBackupPlan',
  'UpdateRegionSettings',
] as const;
