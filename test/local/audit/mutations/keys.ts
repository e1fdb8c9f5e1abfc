import { append, remove, set } from '../../../support/mutate';
import { type Defect, KEY_POLICY, POLICY, sid } from './defect';

const SHARE_KEY = 'VaultKeysShareKey';
const INTAKE_KEY = 'VaultKeysintakeintake1Key';
const STORAGE_KEY = 'VaultStorageKey';
const UNSEAL = 'VaultFunctionsunsealRolePermissions';
const SEAL = 'VaultFunctionssealRolePermissions';
const openBy = (key: string) => ({
  Effect: 'Allow',
  Action: 'kms:Decrypt',
  Resource: { 'Fn::GetAtt': [key, 'Arn'] },
});
const open = (action: string) => ({ Effect: 'Allow', Principal: { AWS: '*' }, Action: action, Resource: '*' });

/** The keys, their policies and every statement that lets one be used. */
export const KEY_DEFECTS: readonly Defect[] = [
  {
    defect: 'the share key does not rotate',
    mutation: set(SHARE_KEY, ['Properties', 'EnableKeyRotation'], false),
    caughtBy: { keysRotate: [SHARE_KEY] },
  },
  {
    defect: 'the share key rotates once a year',
    mutation: set(SHARE_KEY, ['Properties', 'RotationPeriodInDays'], 365),
    // the alarm on old material knows the interval
    caughtBy: { keysRotate: [SHARE_KEY], alarmsMeasureTheVault: ['VaultWatchAlarmsvaultOldMaterial'] },
  },
  {
    defect: 'the storage key rotates at no said interval',
    mutation: remove(STORAGE_KEY, ['Properties', 'RotationPeriodInDays']),
    caughtBy: { keysRotate: [STORAGE_KEY] },
  },
  {
    defect: 'the share key can be lost within a week',
    mutation: set(SHARE_KEY, ['Properties', 'PendingWindowInDays'], 7),
    caughtBy: { keysHaveLongestDeletionWindow: [SHARE_KEY] },
  },
  {
    defect: 'the share key goes with its stack',
    mutation: set(SHARE_KEY, ['DeletionPolicy'], 'Delete'),
    caughtBy: { stateIsRetained: [SHARE_KEY] },
  },
  {
    defect: 'the share key goes when it is replaced',
    mutation: remove(SHARE_KEY, ['UpdateReplacePolicy']),
    caughtBy: { replacedStateIsRetained: [SHARE_KEY] },
  },
  {
    defect: 'the intake key has 2,048 bits',
    mutation: set(INTAKE_KEY, ['Properties', 'KeySpec'], 'RSA_2048'),
    caughtBy: { transportKeysAreStrong: [INTAKE_KEY] },
  },
  {
    defect: 'the share key may be copied to other regions',
    mutation: set(SHARE_KEY, ['Properties', 'MultiRegion'], true),
    caughtBy: { keysHaveNoCopies: [SHARE_KEY] },
  },
  {
    defect: 'the share key takes material from outside',
    mutation: set(SHARE_KEY, ['Properties', 'Origin'], 'EXTERNAL'),
    caughtBy: { keysHaveNoCopies: [SHARE_KEY] },
  },
  {
    defect: 'the share key is made without the lockout check',
    mutation: set(SHARE_KEY, ['Properties', 'BypassPolicyLockoutSafetyCheck'], true),
    caughtBy: { keysKeepTheLockoutCheck: [SHARE_KEY] },
  },
  {
    defect: 'the account may do all but one thing with the share key',
    mutation: append(SHARE_KEY, KEY_POLICY, {
      Effect: 'Allow',
      Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
      NotAction: 'kms:Sign',
      Resource: '*',
    }),
    caughtBy: { policiesNameWhatTheyAllow: [SHARE_KEY] },
  },
  {
    defect: 'the share key is open to everyone',
    mutation: append(SHARE_KEY, KEY_POLICY, open('kms:DescribeKey')),
    caughtBy: { keysNameTheirUsers: [SHARE_KEY] },
  },
  {
    defect: 'the share key opens to everyone who has the context',
    mutation: set(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal'), 'Principal'], '*'),
    caughtBy: { keysNameTheirUsers: [SHARE_KEY], keysServeTheirRoles: [SHARE_KEY, SHARE_KEY] },
  },
  {
    defect: 'the share key opens to another account',
    mutation: set(SHARE_KEY, [...KEY_POLICY, sid('AllowSeal'), 'Principal'], { AWS: 'arn:aws:iam::210987654321:root' }),
    caughtBy: { keysNameTheirUsers: [SHARE_KEY], keysServeTheirRoles: [SHARE_KEY, SHARE_KEY, SHARE_KEY] },
  },
  {
    defect: 'nobody administers the share key',
    mutation: remove(SHARE_KEY, [...KEY_POLICY, sid('AllowAccountAdministration')]),
    caughtBy: { keysCanBeAdministered: Array.from({ length: 4 }, () => SHARE_KEY) },
  },
  {
    defect: 'nobody can mend the share key policy',
    mutation: remove(SHARE_KEY, [
      ...KEY_POLICY,
      sid('AllowAccountAdministration'),
      'Action',
      (action) => action === 'kms:PutKeyPolicy',
    ]),
    caughtBy: { keysCanBeAdministered: [SHARE_KEY] },
  },
  {
    defect: 'everyone is denied the share key policy',
    mutation: append(SHARE_KEY, KEY_POLICY, { ...open('kms:PutKeyPolicy'), Effect: 'Deny' }),
    caughtBy: { keysHaveReviewedDenials: [SHARE_KEY] },
  },
  {
    defect: 'the account may do everything with the share key',
    mutation: set(SHARE_KEY, [...KEY_POLICY, sid('AllowAccountAdministration'), 'Action'], 'kms:*'),
    caughtBy: {
      administrationIsNoUse: [SHARE_KEY],
      keysServeTheirRoles: [SHARE_KEY],
      shareKeyNeedsContext: [SHARE_KEY],
    },
  },
  {
    defect: 'the account may decrypt with the intake key',
    mutation: append(INTAKE_KEY, [...KEY_POLICY, sid('AllowAccountAdministration'), 'Action'], 'kms:Decrypt'),
    caughtBy: {
      administrationIsNoUse: [INTAKE_KEY],
      keysServeTheirRoles: [INTAKE_KEY],
      transportKeysFixTheAlgorithm: [INTAKE_KEY],
    },
  },
  {
    defect: 'the account may grant the use of the share key',
    mutation: append(SHARE_KEY, [...KEY_POLICY, sid('AllowAccountAdministration'), 'Action'], 'kms:CreateGrant'),
    caughtBy: {
      administrationIsNoUse: [SHARE_KEY],
      keysServeTheirRoles: [SHARE_KEY],
      shareKeyNeedsContext: [SHARE_KEY],
    },
  },
  {
    defect: 'the share key may be granted by anyone',
    mutation: remove(SHARE_KEY, [...KEY_POLICY, sid('DenyGrantsUnlessForAwsServices')]),
    caughtBy: { keysHaveReviewedDenials: [SHARE_KEY] },
  },
  {
    defect: 'the share key may be deleted in a hurry',
    mutation: set(SHARE_KEY, [...KEY_POLICY, sid('DenyShortDeletionWindow'), 'Condition', 'NumericLessThan'], {
      'kms:ScheduleKeyDeletionPendingWindowInDays': '7',
    }),
    caughtBy: { keysHaveReviewedDenials: [SHARE_KEY] },
  },
  {
    defect: 'a condition key of the denial of a hurried deletion is mistyped',
    mutation: set(SHARE_KEY, [...KEY_POLICY, sid('DenyShortDeletionWindow'), 'Condition', 'NumericLessThan'], {
      'kms:ScheduleKeyDeletionPendingWindowDays': '30',
    }),
    caughtBy: { conditionsAreKnown: [SHARE_KEY], keysHaveReviewedDenials: [SHARE_KEY] },
  },
  {
    defect: 'a condition key of the unsealing is mistyped',
    mutation: set(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal'), 'Condition', 'StringEquals'], {
      'kms:EncryptionContext:enviroment': 'prod',
    }),
    caughtBy: { conditionsAreKnown: [SHARE_KEY], shareKeyNeedsContext: [SHARE_KEY] },
  },
  {
    defect: 'the share key seals for another environment',
    mutation: set(
      SHARE_KEY,
      [...KEY_POLICY, sid('AllowSeal'), 'Condition', 'StringEquals', 'kms:EncryptionContext:environment'],
      'prd',
    ),
    caughtBy: { shareKeyNeedsContext: [SHARE_KEY] },
  },
  {
    defect: 'the unseal role opens a field that was not reviewed',
    mutation: append(
      SHARE_KEY,
      [...KEY_POLICY, sid('AllowUnseal'), 'Condition', 'StringEquals', 'kms:EncryptionContext:field'],
      'seed_phrase',
    ),
    caughtBy: { shareKeyNeedsContext: [SHARE_KEY] },
  },
  {
    defect: 'the unseal role opens any context, should the share key leave it to the account',
    mutation: append(UNSEAL, POLICY, openBy('VaultKeysShareKeyD97035D7')),
    caughtBy: { shareKeyNeedsContext: [UNSEAL], rolesMayNoMore: ['VaultFunctionsunsealRole'] },
  },
  {
    defect: 'the seal role opens what it sealed',
    mutation: append(SHARE_KEY, [...KEY_POLICY, sid('AllowSeal'), 'Action'], 'kms:Decrypt'),
    caughtBy: { keysServeTheirRoles: [SHARE_KEY, SHARE_KEY] },
  },
  {
    defect: 'the audit role opens records',
    mutation: append(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal'), 'Principal', 'AWS'], {
      'Fn::GetAtt': ['VaultFunctionsauditRole00000000', 'Arn'],
    }),
    caughtBy: { keysServeTheirRoles: [SHARE_KEY] },
  },
  {
    defect: 'nobody opens records',
    mutation: remove(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal')]),
    caughtBy: { keysServeTheirRoles: [SHARE_KEY] },
  },
  {
    defect: 'the share key unseals without a context',
    mutation: remove(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal'), 'Condition', 'Null']),
    caughtBy: { shareKeyNeedsContext: [SHARE_KEY] },
  },
  {
    defect: 'the share key unseals without any condition',
    mutation: remove(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal'), 'Condition']),
    caughtBy: { shareKeyNeedsContext: [SHARE_KEY], administrationIsNoUse: [SHARE_KEY] },
  },
  {
    defect: 'the share key unseals from any network',
    mutation: remove(SHARE_KEY, [...KEY_POLICY, sid('AllowUnseal'), 'Condition', 'StringEquals', 'aws:SourceVpc']),
    caughtBy: { shareKeyNeedsContext: [SHARE_KEY] },
  },
  {
    defect: 'the intake key opens under any algorithm',
    mutation: remove(INTAKE_KEY, [...KEY_POLICY, sid('AllowDecrypt'), 'Condition']),
    caughtBy: { transportKeysFixTheAlgorithm: [INTAKE_KEY], administrationIsNoUse: [INTAKE_KEY] },
  },
  {
    defect: 'the seal role opens under any algorithm, should the intake key leave it to the account',
    mutation: append(SEAL, POLICY, openBy('VaultKeysintakeintake1KeyB855CBC8')),
    caughtBy: { transportKeysFixTheAlgorithm: [SEAL], rolesMayNoMore: ['VaultFunctionssealRole'] },
  },
  {
    defect: 'the intake key opens under a weaker padding',
    mutation: set(
      INTAKE_KEY,
      [...KEY_POLICY, sid('AllowDecrypt'), 'Condition', 'StringEquals', 'kms:EncryptionAlgorithm'],
      'RSAES_OAEP_SHA_1',
    ),
    caughtBy: { transportKeysFixTheAlgorithm: [INTAKE_KEY] },
  },
  {
    defect: 'the storage key is used without a service',
    mutation: remove(STORAGE_KEY, [
      ...KEY_POLICY,
      sid('AllowStorageServices'),
      'Condition',
      'StringEquals',
      'kms:ViaService',
    ]),
    caughtBy: { storageKeyServesServices: [STORAGE_KEY] },
  },
  {
    defect: 'the storage key serves the alarms of any account',
    mutation: remove(STORAGE_KEY, [...KEY_POLICY, sid('AllowAlarmsFromCloudWatch'), 'Condition']),
    caughtBy: { administrationIsNoUse: [STORAGE_KEY, STORAGE_KEY] },
  },
  {
    defect: 'the storage key asks EventBridge for an account, which it does not send',
    mutation: set(STORAGE_KEY, [...KEY_POLICY, sid('AllowAlarmsFromEventBridge'), 'Condition'], {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    }),
    caughtBy: { storageKeyServesServices: [STORAGE_KEY] },
  },
  {
    defect: 'the storage key serves no event rule',
    mutation: remove(STORAGE_KEY, [...KEY_POLICY, sid('AllowAlarmsFromEventBridge')]),
    caughtBy: { storageKeyServesServices: [STORAGE_KEY] },
  },
];
