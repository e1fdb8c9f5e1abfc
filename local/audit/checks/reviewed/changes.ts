/**
 * Calls that bring an administrator nearer to material, by the rule that reports them. Reviewed apart from the lists of
 * the constructs, so that a call that is removed there is found here.
 */
export const REPORTED: Readonly<Record<string, readonly string[]>> = {
  VaultWatchChangesKeyChanges: [
    'CancelKeyDeletion',
    'DeleteImportedKeyMaterial',
    'DisableKey',
    'DisableKeyRotation',
    'EnableKey',
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
    // a prefix of other names: only the exact name reports the function's deletion
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
  VaultWatchChangesPolicyChanges2: ['CreatePolicyVersion', 'SetDefaultPolicyVersion'],
  VaultWatchChangesBucketChanges: [
    'DeleteBucket',
    'DeleteBucketEncryption',
    'DeleteBucketLifecycle',
    'DeleteBucketPolicy',
    'PutBucketEncryption',
    'PutBucketLifecycle',
    'PutBucketObjectLockConfiguration',
    'PutBucketPolicy',
    'PutBucketReplication',
    'PutBucketVersioning',
    'PutObjectLockConfiguration',
  ],
  VaultWatchChangesResealChanges: ['DeleteStateMachine', 'UpdateStateMachine'],
  VaultWatchChangesRestoreTestChanges: ['DeleteStateMachine', 'UpdateStateMachine'],
};

/** Other rules: test/lib/change-alarms.test.ts shows their reports call by call. */
const SHOWN = [
  'Database',
  'Instance',
  'Snapshot',
  'Endpoint',
  'Topic',
  'Trail',
  'Log',
  'Rule',
  'Alarm',
  'RestoredCopy',
].map((name) => `VaultWatchChanges${name}Changes`);

/** Returns the ids of the rules that report changes in every vault; `dev` has no backups. */
export function rulesOf(environment: string): readonly string[] {
  const ofBackups = ['VaultWatchChangesBackupChanges', 'VaultWatchChangesBackupJobs'];
  return [...Object.keys(REPORTED), ...SHOWN, ...(environment === 'dev' ? [] : ofBackups)];
}
