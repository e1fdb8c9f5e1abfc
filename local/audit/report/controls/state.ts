import { oneOf } from '../../checks/finding';
import { controlsOf, policy, property } from './control';

const BUCKET = 'AWS::S3::Bucket';
const MACHINE = 'AWS::StepFunctions::StateMachine';
const KEPT = oneOf('Retain', 'RetainExceptOnCreate');

export const STATE_CONTROLS = controlsOf('state', [
  {
    id: 'state-retention',
    title: 'Keys, database, secrets and logs outlive the stack and a replacement',
    standards: { hub: ['KMS.3'] },
    looks: [
      property('AWS::KMS::Key', 'DeletionPolicy', KEPT),
      property('AWS::RDS::DBCluster', 'DeletionPolicy', KEPT),
      property('AWS::SecretsManager::Secret', 'DeletionPolicy', KEPT),
    ],
    checks: ['stateIsRetained', 'replacedStateIsRetained'],
    beyond: 'Calls of the services themselves: CloudFormation retains, an administrator can still delete.',
    confirm: 'aws cloudformation get-template --stack-name STACK; compare its SHA-256 with this report',
  },
  {
    id: 'tombstone-bucket',
    title: 'Tombstones are kept outside the database, locked, and put only by their own functions',
    standards: { hub: ['S3.5', 'S3.8', 'S3.14', 'S3.15'], cis: ['2.1.1', '2.1.4'], nag: ['AwsSolutions-S10', 'AwsSolutions-S2'] }, // prettier-ignore
    exceptions: [
      {
        ids: ['S3.9', 'AwsSolutions-S1'],
        reason:
          "Server access logs arrive late and incomplete. The functions' own logs have each tombstone that is missing, and a trail of data events has each call.",
      },
      {
        ids: ['S3.17'],
        reason:
          'Objects hold ids, times, counts and reasons, no material. Under a key of the vault they would be lost with it, when a restore needs them. S3 encrypts them with its own key.',
      },
    ],
    optional: true,
    looks: [
      property(BUCKET, 'PublicAccessBlockConfiguration'),
      property(BUCKET, 'ObjectLockConfiguration'),
      property(BUCKET, 'VersioningConfiguration'),
      property(BUCKET, 'BucketEncryption'),
      policy('AWS::S3::BucketPolicy', 'PolicyDocument'),
    ],
    checks: ['bucketIsPrivate', 'bucketKeepsObjects', 'bucketPolicyDenies'],
    beyond: 'The objects, and whether a replay would find them all.',
    confirm: 'share-vault tombstones; docs/incidents/restore-drill.md',
  },
  {
    id: 'sweep',
    title: 'Superseded records are destroyed after 30 days, by a daily rule',
    standards: {},
    looks: [
      property('AWS::Events::Rule', 'ScheduleExpression', undefined, ({ properties }) =>
        JSON.stringify(properties).includes('ScheduleExpression'),
      ),
    ],
    checks: ['sweepRunsDaily'],
    beyond: 'That the sweep ran: an alarm fires if it did not.',
    confirm: 'share-vault doctor (alarms)',
  },
]);

export const RUN_CONTROLS = controlsOf('runs', [
  {
    id: 'reseal-machine',
    title: 'One state machine reseals, by one function that nobody else calls',
    standards: {},
    exceptions: [
      {
        ids: ['AwsSolutions-SF1', 'AwsSolutions-SF2', 'StepFunctions.1'],
        reason:
          "A log of executions needs a role that may change the policies of all log groups. The function's own log and traces have each step, and receipts are in the database.",
      },
    ],
    optional: true,
    looks: [property(MACHINE, 'RoleArn', undefined, ({ id }) => id.startsWith('VaultReseal'))],
    checks: ['machineResealsOnly', 'machineRoleServesOneMachine', 'nobodyElseReseals', 'rulesStartOneMachine'],
    beyond: 'Runs, and who started them.',
    confirm: 'aws stepfunctions list-executions; share-vault reseal --list',
  },
  {
    id: 'restore-machine',
    title: 'The machine that tests restores makes reviewed calls only, and opens no record',
    standards: { hub: ['RDS.26'] },
    optional: true,
    looks: [property(MACHINE, 'RoleArn', undefined, ({ id }) => id.startsWith('VaultRestoreTesting'))],
    checks: ['machineTestsRestoresOnly', 'restoreRoleServesOneMachine'],
    beyond: 'The results of the tests.',
    confirm: 'aws stepfunctions list-executions; the alarm on days since a restore test',
  },
]);
