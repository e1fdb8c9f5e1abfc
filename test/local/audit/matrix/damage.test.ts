import { describe, expect, test } from '@jest/globals';
import { ALLOWED } from './allowed';
import { damage, type LooseStatement, type Place, without } from './damage';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { functionRoles, otherPrincipals } from '../../../../local/audit/matrix/principals';
import { matrixVault } from './vault-app';

const UNSEAL = { resource: 'VaultKeysShareKey', sid: 'AllowUnseal' };
const UNSEAL_ROLE = { resource: 'VaultFunctionsunsealRole' };
const RESEAL = { resource: 'VaultKeysShareKey', sid: 'AllowReseal' };
const RESEAL_ROLE = { resource: 'VaultResealFunctionRole' };
const STOP_ROLE = { resource: 'EmergencyStopRole' };
const ADMINISTRATION = { resource: 'VaultKeysShareKey', sid: 'AllowAccountAdministration' };

type Row = readonly [string, Place, (statement: LooseStatement) => void, string, readonly string[]];

/** Each deny of the matrix is somebody's doing: without that, the matrix shows an ALLOW more. */
const DAMAGE: readonly Row[] = [
  [
    'the key hands its use to the account',
    ADMINISTRATION,
    (s) => (s.Action = 'kms:*'),
    'admin',
    ['kms:Decrypt share key, right'],
  ],
  [
    'the emergency stop may change keys',
    { ...STOP_ROLE, sid: 'AllowDisableKey' },
    (s) => (s.Resource = '*'),
    'emergency stop',
    ['kms:DisableKey storage key', 'kms:DisableKey intake key'],
  ],
  [
    'the key forgets the environment',
    UNSEAL,
    without('kms:EncryptionContext:environment'),
    'unseal',
    ['kms:Decrypt share key, other environment'],
  ],
  [
    'the key forgets the field',
    UNSEAL,
    without('kms:EncryptionContext:field'),
    'unseal',
    ['kms:Decrypt share key, other field'],
  ],
  [
    'the key forgets that pairs are needed',
    UNSEAL,
    without('kms:EncryptionContext:owner'),
    'unseal',
    ['kms:Decrypt share key, no owner'],
  ],
  [
    'the key forgets that no pair may join',
    UNSEAL,
    without('kms:EncryptionContextKeys'),
    'unseal',
    ['kms:Decrypt share key, a pair too many'],
  ],
  [
    'the key forgets the network',
    UNSEAL,
    without('aws:SourceVpc'),
    'unseal',
    ['kms:Decrypt share key, other network', 'kms:Decrypt share key, no network'],
  ],
  [
    'the key forgets every condition',
    UNSEAL,
    (s) => (s.Condition = {}),
    'unseal',
    ['kms:Decrypt share key, no context'],
  ],
  [
    'the role forgets its function',
    { ...UNSEAL_ROLE, sid: 'DenyKeyUseUnlessOwnFunction' },
    (s) => (s.Action = 'kms:Sign'),
    'unseal',
    ['kms:Decrypt share key, other function', 'kms:Decrypt share key, no function'],
  ],
  [
    'the role may be anyone in the database',
    { ...UNSEAL_ROLE, sid: 'AllowLoginAs*' },
    (s) => (s.Resource = '*'),
    'unseal',
    ['rds-db:connect vault_master'],
  ],
  [
    'the role trusts the account',
    { ...UNSEAL_ROLE, action: 'sts:AssumeRole' },
    (s) => (s.Principal = { AWS: '111111111111' }),
    'admin',
    ["sts:AssumeRole unseal's role"],
  ],
  [
    'the intake key takes any algorithm',
    { resource: 'VaultKeysintake', sid: 'AllowDecrypt' },
    without('kms:EncryptionAlgorithm'),
    'seal',
    ['kms:Decrypt intake key, other algorithm'],
  ],
  [
    'the webhook key takes any algorithm',
    { resource: 'VaultKeyswebhook', sid: 'AllowDecrypt' },
    without('kms:EncryptionAlgorithm'),
    'receive',
    ['kms:Decrypt webhook key, other algorithm'],
  ],
  [
    'the receive role forgets its function',
    { resource: 'VaultWebhookFunctionRole', sid: 'DenyKeyUseUnlessOwnFunction' },
    (s) => (s.Action = 'kms:Sign'),
    'receive',
    ['kms:Decrypt webhook key, other function', 'kms:Decrypt webhook key, no function'],
  ],
  [
    'the receive role may be anyone in the database',
    { resource: 'VaultWebhookFunctionRole', sid: 'AllowLoginAs*' },
    (s) => (s.Resource = '*'),
    'receive',
    ['rds-db:connect vault_unsealer', 'rds-db:connect vault_master'],
  ],
  [
    'deletion may be hurried',
    { ...ADMINISTRATION, sid: 'DenyShortDeletionWindow' },
    (s) => (s.Action = 'kms:Sign'),
    'admin',
    ['kms:ScheduleKeyDeletion share key, in 7 days'],
  ],
  [
    'the lockout check may be skipped',
    { ...ADMINISTRATION, sid: 'DenyLockoutCheckBypass' },
    (s) => (s.Action = 'kms:Sign'),
    'admin',
    ['kms:PutKeyPolicy share key, without it'],
  ],
  [
    'the storage key is used directly',
    { resource: 'VaultStorageKey', sid: 'AllowStorageServices' },
    without('kms:ViaService'),
    'admin',
    ['kms:Decrypt storage key, directly', 'kms:Decrypt storage key, through s3'],
  ],
  [
    'the key forgets the network of the reseal',
    RESEAL,
    without('aws:SourceVpc'),
    'reseal',
    ['kms:Decrypt share key, no network', 'kms:GenerateDataKey share key, no network'],
  ],
  [
    'the key forgets the environment of the reseal',
    RESEAL,
    without('kms:EncryptionContext:environment'),
    'reseal',
    ['kms:Decrypt share key, other environment', 'kms:GenerateDataKey share key, other environment'],
  ],
  [
    'the reseal role forgets its function',
    { ...RESEAL_ROLE, sid: 'DenyKeyUseUnlessOwnFunction' },
    (s) => (s.Action = 'kms:Sign'),
    'reseal',
    ['kms:Decrypt share key, no function', 'kms:GenerateDataKey share key, other function'],
  ],
  [
    'the reseal role may be anyone in the database',
    { ...RESEAL_ROLE, sid: 'AllowLoginAs*' },
    (s) => (s.Resource = '*'),
    'reseal',
    ['rds-db:connect vault_unsealer', 'rds-db:connect vault_master'],
  ],
  [
    'the state machine may invoke anything',
    { resource: 'VaultResealRole', action: 'lambda:InvokeFunction' },
    (s) => (s.Resource = '*'),
    'reseal machine',
    ['lambda:InvokeFunction reseal:$LATEST', 'lambda:InvokeFunction unseal:backend'],
  ],
  [
    'the rules may change the state machine',
    { resource: 'VaultResealStartRole', action: 'states:StartExecution' },
    (s) => (s.Action = 'states:*'),
    'reseal starter',
    ['states:UpdateStateMachine reseal', 'states:DeleteStateMachine reseal'],
  ],
  [
    'a consumer may invoke anything',
    { resource: 'Consumer', action: 'lambda:InvokeFunction' },
    (s) => (s.Resource = '*'),
    'consumer',
    ['lambda:InvokeFunction unseal:partner', 'lambda:InvokeFunction unseal:$LATEST'],
  ],
];

describe('the matrix shows the damage in which', () => {
  test.each(DAMAGE)('%s', async (_, place, spoil, who, gained) => {
    const vault = matrixVault('prod', damage(place, spoil));
    const principals = [...functionRoles(vault), ...otherPrincipals(vault)].filter(({ name }) => name === who);

    const allowed = (await Promise.all(principals.map((one) => allowedTo(one, requestsOf(vault))))).flat();

    expect(allowed).toEqual(expect.arrayContaining([...gained]));
    expect(ALLOWED[who]).toEqual(expect.not.arrayContaining([...gained]));
  });
});
