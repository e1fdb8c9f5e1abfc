/** Calls by which an administrator comes nearer to material, each under the rule that reports it. */
export const REPORTED: Readonly<Record<string, readonly string[]>> = {
  VaultWatchChangesKeyChanges: [
    'DeleteImportedKeyMaterial',
    'DisableKey',
    'DisableKeyRotation',
    'EnableKeyRotation',
    'PutKeyPolicy',
    'RotateKeyOnDemand',
    'ScheduleKeyDeletion',
    'UntagResource',
    'UpdateAlias',
  ],
  VaultWatchChangesKeyGrants: ['CreateGrant'],
  VaultWatchChangesFunctionChanges: [
    'AddPermission',
    'CreateAlias',
    'CreateEventSourceMapping',
    'CreateFunctionUrlConfig',
    'DeleteAlias',
    // a prefix of others: only by itself does it tell of the function
    'DeleteFunction20150331',
    'DeleteFunctionCodeSigningConfig',
    'DeleteFunctionConcurrency20171031',
    'PutFunctionCodeSigningConfig',
    'PutFunctionConcurrency20171031',
    'PutFunctionEventInvokeConfig',
    'PutRuntimeManagementConfig',
    'RemovePermission',
    'UpdateAlias',
    'UpdateFunctionCode',
    'UpdateFunctionConfiguration',
    'UpdateFunctionEventInvokeConfig',
    'UpdateFunctionUrlConfig',
  ],
  VaultWatchChangesParameterChanges: [
    'DeleteParameter',
    'DeleteParameters',
    'LabelParameterVersion',
    'PutParameter',
    'UnlabelParameterVersion',
  ],
  VaultWatchChangesApiChanges: [
    'CreateAuthorizer',
    'CreateRoute',
    'DeleteRoute',
    'UpdateIntegration',
    'UpdateRoute',
    'UpdateStage',
  ],
  VaultWatchChangesSecretChanges: [
    'DeleteResourcePolicy',
    'DeleteSecret',
    'PutResourcePolicy',
    'PutSecretValue',
    'ReplicateSecretToRegions',
    'RotateSecret',
    'UntagResource',
    'UpdateSecret',
    'UpdateSecretVersionStage',
  ],
  VaultWatchChangesRoleChanges: [
    'AttachRolePolicy',
    'DeleteRole',
    'DeleteRolePermissionsBoundary',
    'DetachRolePolicy',
    'PutRolePolicy',
    'UpdateAssumeRolePolicy',
  ],
  VaultWatchChangesPolicyChanges: ['CreatePolicyVersion', 'SetDefaultPolicyVersion'],
};

/** Rules whose reports test/lib/change-alarms.test.ts shows call by call. */
const SHOWN = ['Database', 'Instance', 'Snapshot', 'Endpoint', 'Topic', 'Trail', 'Log', 'Rule', 'Alarm'].map(
  (name) => `VaultWatchChanges${name}Changes`,
);

/** The ids of all rules that report changes; `dev` has no backups. */
export function changeRules(environment: string): readonly string[] {
  const ofBackups = ['VaultWatchChangesBackupChanges', 'VaultWatchChangesBackupJobs'];
  return [...Object.keys(REPORTED), ...SHOWN, ...(environment === 'dev' ? [] : ofBackups)];
}
