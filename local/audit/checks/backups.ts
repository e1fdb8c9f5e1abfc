import { type Check, both, every, is } from './finding';
import { at, list, ofType, type Resource } from './template';

const CLUSTER = 'AWS::RDS::DBCluster';

/** The longest retention that Aurora has. */
export const databaseKeepsBackups = every(CLUSTER, ['BackupRetentionPeriod'], is(35));

/** RDS.26: outside `dev` a plan names the cluster, keeps 35 days, and encrypts under the vault's own key. */
export const backupPlanIncludesCluster: Check = (template) =>
  template.environment === 'dev'
    ? []
    : both(
        every('AWS::Backup::BackupPlan', ['BackupPlan', 'BackupPlanRule'], {
          expected: 'a rule of 35 days',
          holds: (rules) => list(rules).some((rule) => at(rule, 'Lifecycle', 'DeleteAfterDays') === 35),
        }),
        every('AWS::Backup::BackupVault', ['EncryptionKeyArn'], is('${VaultStorageKey.Arn}')),
        every('AWS::Backup::BackupSelection', ['BackupSelection', 'Resources'], {
          expected: 'the cluster',
          holds: (resources) =>
            ofType(template, CLUSTER).every(({ id }) =>
              list(resources).some((arn) => String(arn).endsWith(`:cluster:\${${id}}`)),
            ),
        }),
      )(template);

const STATEFUL = [
  'AWS::Backup::BackupVault',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  CLUSTER,
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBSubnetGroup',
  'AWS::SecretsManager::Secret',
];

/** Returns whether a resource has state. A reader has none: all its data is the cluster's. */
const isStateful = ({ type, properties }: Resource): boolean =>
  STATEFUL.includes(type) && !(type === 'AWS::RDS::DBInstance' && at(properties, 'PromotionTier') !== 0);

/** Records, the keys that open them and their logs outlive the stack; a failed first deploy may still clean up. */
export const stateIsRetained: Check = (template) =>
  template.resources
    .filter(isStateful)
    .filter(({ deletionPolicy }) => deletionPolicy !== 'RetainExceptOnCreate')
    .map(({ id, deletionPolicy }) => ({
      resource: id,
      problem: `expected deletion policy RetainExceptOnCreate, got ${String(deletionPolicy)}`,
    }));

/** A replacement retains them as well. */
export const replacedStateIsRetained: Check = (template) =>
  template.resources
    .filter(isStateful)
    .filter(({ updateReplacePolicy }) => updateReplacePolicy !== 'Retain')
    .map(({ id, updateReplacePolicy }) => ({
      resource: id,
      problem: `expected update replace policy Retain, got ${String(updateReplacePolicy)}`,
    }));
