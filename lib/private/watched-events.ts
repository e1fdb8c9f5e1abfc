/** Calls, by their names in CloudTrail, by which an administrator could come nearer to material. */

export const KEY_CHANGES = [
  'DeleteImportedKeyMaterial',
  'DisableKey',
  'DisableKeyRotation',
  'PutKeyPolicy',
  'ScheduleKeyDeletion',
  'UpdateAlias',
] as const;

export const FUNCTION_CHANGES = [
  'AddPermission',
  'CreateAlias',
  'CreateEventSourceMapping',
  'CreateFunctionUrlConfig',
  'DeleteAlias',
  'DeleteFunction',
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

export const API_CHANGES = [
  'CreateApiMapping',
  'CreateIntegration',
  'CreateRoute',
  'CreateStage',
  'DeleteApi',
  'DeleteIntegration',
  'DeleteRoute',
  'DeleteRouteSettings',
  'DeleteStage',
  'ReimportApi',
  'UpdateApi',
  'UpdateIntegration',
  'UpdateRoute',
  'UpdateStage',
] as const;

export const SECRET_CHANGES = [
  'DeleteResourcePolicy',
  'DeleteSecret',
  'PutResourcePolicy',
  'PutSecretValue',
  'ReplicateSecretToRegions',
  'RotateSecret',
  'UpdateSecret',
  'UpdateSecretVersionStage',
] as const;
