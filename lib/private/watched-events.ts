/** Calls, by their names in CloudTrail, by which an administrator could come nearer to material. */

export const KEY_CHANGES = [
  'DeleteImportedKeyMaterial',
  'DisableKey',
  'DisableKeyRotation',
  'PutKeyPolicy',
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
  'PutFunctionCodeSigningConfig',
  'PutFunctionEventInvokeConfig',
  'RemovePermission',
  'UpdateAlias',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
  'UpdateFunctionEventInvokeConfig',
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
