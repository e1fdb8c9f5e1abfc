import { is, oneOf } from '../../checks/finding';
import { isDataOperation } from '../../checks/statements';
import { type Resource, at } from '../../checks/template';
import { controlsOf, policy, property } from './control';

const KEY = 'AWS::KMS::Key';
const isSymmetric = ({ properties }: Resource): boolean => at(properties, 'KeySpec') === undefined;
const isRsa = (key: Resource): boolean => !isSymmetric(key);
const isStorage = ({ id }: Resource): boolean => id === 'VaultStorageKey';
const KEY_STATE = 'aws kms describe-key --key-id KEY; aws kms get-key-policy --key-id KEY --policy-name default';

/** Rotation of at most 90 days, the shortest that KMS has. */
const NINETY_DAYS = { expected: '90', holds: (value: unknown) => Number(value) === 90 };

export const KEY_CONTROLS = controlsOf('keys', [
  {
    id: 'key-rotation',
    title: 'Symmetric keys rotate every 90 days',
    standards: { hub: ['KMS.4'], cis: ['3.6'], nag: ['AwsSolutions-KMS5'] },
    looks: [
      property(KEY, 'EnableKeyRotation', is(true), isSymmetric),
      property(KEY, 'RotationPeriodInDays', NINETY_DAYS, isSymmetric),
    ],
    checks: ['keysRotate'],
    beyond: 'That rotations took place, and that records were resealed under the new material.',
    confirm: 'aws kms list-key-rotations --key-id KEY; share-vault keys census',
  },
  {
    id: 'key-deletion',
    title: 'A key can be deleted only after 30 days, and by no shorter window',
    standards: { hub: ['KMS.3'] },
    looks: [
      property(KEY, 'PendingWindowInDays', is(30)),
      policy(KEY, 'KeyPolicy', ({ sid }) => sid === 'DenyShortDeletionWindow'),
    ],
    checks: ['keysHaveLongestDeletionWindow', 'keysHaveReviewedDenials'],
    beyond: 'Whether a deletion is pending now.',
    confirm: 'aws kms describe-key --key-id KEY (KeyState, DeletionDate)',
  },
  {
    id: 'key-principals',
    title: "A key opens to the vault's roles and named services, and to nobody else",
    standards: { hub: ['KMS.5', 'KMS.1', 'KMS.2'] },
    looks: [policy(KEY, 'KeyPolicy', ({ effect }) => effect === 'Allow')],
    checks: ['keysNameTheirUsers', 'keysServeTheirRoles', 'conditionsAreKnown'],
    beyond: 'Grants, which exist only at run time, and a key policy that was changed after the deploy.',
    confirm: `aws kms list-grants --key-id KEY; ${KEY_STATE}`,
  },
  {
    id: 'key-administration',
    title: 'The account administers keys and can use none; someone can always mend a key policy',
    standards: { hub: ['KMS.5'] },
    looks: [policy(KEY, 'KeyPolicy', ({ sid }) => sid === 'AllowAccountAdministration')],
    checks: ['administrationIsNoUse', 'keysCanBeAdministered', 'keysKeepTheLockoutCheck'],
    beyond: 'Who administers the account, and a policy that was put after the deploy.',
    confirm: KEY_STATE,
  },
  {
    id: 'share-key-context',
    title: 'The share key opens under the complete encryption context of this environment only',
    standards: {},
    looks: [
      policy(
        KEY,
        'KeyPolicy',
        ({ effect, actions }) => effect === 'Allow' && actions.some(isDataOperation),
        (key) => key.id === 'VaultKeysShareKey',
      ),
    ],
    checks: ['shareKeyNeedsContext'],
    beyond: 'The context that a call sent: CloudTrail has it.',
    confirm: 'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt',
  },
  {
    id: 'transport-keys',
    title: 'Transport keys are RSA 4096 in KMS, and open under OAEP with SHA-256 only',
    standards: {},
    looks: [
      property(KEY, 'KeySpec', is('RSA_4096'), isRsa),
      property(KEY, 'KeyUsage', is('ENCRYPT_DECRYPT'), isRsa),
      policy(KEY, 'KeyPolicy', ({ actions }) => actions.includes('kms:Decrypt'), isRsa),
    ],
    checks: ['transportKeysAreStrong', 'transportKeysFixTheAlgorithm'],
    beyond: "That Dynamic encrypts to the webhook key of this vault: a sender's configuration is its own.",
    confirm: 'share-vault keys; compare the fingerprint with the one that Dynamic shows',
  },
  {
    id: 'key-copies',
    title: 'Key material is made by KMS in one region, with neither replica nor import',
    standards: {},
    looks: [
      property(KEY, 'MultiRegion', oneOf(undefined, false)),
      property(KEY, 'Origin', oneOf(undefined, 'AWS_KMS')),
      property(KEY, 'Enabled', oneOf(undefined, true)),
    ],
    checks: ['keysHaveNoCopies'],
    beyond: 'Nothing else: KMS has no export of such material.',
    confirm: KEY_STATE,
  },
  {
    id: 'storage-key',
    title: 'The key for data at rest serves services that store, and can open no record',
    standards: { hub: ['KMS.5'] },
    looks: [policy(KEY, 'KeyPolicy', ({ effect }) => effect === 'Allow', isStorage)],
    checks: ['storageKeyServesServices', 'storedSecretOpensThroughItsService'],
    beyond: "Calls that a service makes for itself with its own principal's permission.",
    confirm: KEY_STATE,
  },
]);
