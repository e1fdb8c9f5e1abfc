import { isDeepStrictEqual } from 'node:util';
import { ARCHIVED_DAYS } from '../../../lambda/contract/log-retention';
import { ENV } from '../../../lambda/contract/variables';
import type { Check } from './finding';
import { type Statement, allows, denies } from './statements';
import { type Resource, type VaultTemplate, at, ofType } from './template';

/** Logical id of the bucket of tombstones, receipts and archives of the access log. */
export const BUCKET = 'VaultTombstonesBucket';
const ARN = `\${${BUCKET}.Arn}`;
const OBJECTS = `${ARN}/*`;
const TOMBSTONES = `${ARN}/tombstones/*`;
const DELEGATED = `${ARN}/delegated-tombstones/*`;
const RECEIPTS = `${ARN}/receipts/*`;
const LOG_ARCHIVES = `${ARN}/access-log/*`;
const ALL_BLOCKED = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

/** Returns whether a vault has a bucket of tombstones. */
export function hasBucket(template: VaultTemplate): boolean {
  return bucketsOf(template).length > 0;
}

/** Returns whether a function drops old months of the access log from the database. */
function archivesLog(template: VaultTemplate): boolean {
  return ofType(template, 'AWS::Lambda::Function').some(
    ({ properties }) => at(properties, 'Environment', 'Variables', ENV.logRetentionDays) !== undefined,
  );
}

const bucketsOf = (template: VaultTemplate): readonly Resource[] =>
  ofType(template, 'AWS::S3::Bucket').filter(({ id }) => id === BUCKET);

/**
 * The bucket keeps the first version of every object for longer than any backup: a revocation that a restored database
 * doesn't know must be there. Only a bucket that goes with its stack may let an administrator delete earlier.
 */
export const bucketKeepsObjects: Check = (template) => [
  // old months of the log are dropped from the database only with a bucket that has them
  ...(archivesLog(template) && !hasBucket(template)
    ? [{ resource: 'VaultMigrationFunction', problem: 'expected a bucket for archives of the access log, got none' }]
    : []),
  ...eachBucket(template, ({ properties, deletionPolicy }) => {
    const { Mode, Days } = retentionOf(properties);
    const modes = deletionPolicy === 'Delete' ? ['COMPLIANCE', 'GOVERNANCE'] : ['COMPLIANCE'];
    return [
      ...(at(properties, 'ObjectLockEnabled') === true ? [] : ['expected Object Lock, got none']),
      ...(modes.includes(String(Mode)) ? [] : [`expected a default retention in ${modes.join(' or ')}, got another`]),
      ...(Number(Days) > backupDaysOf(template) ? [] : ['expected a retention that is longer than that of backups']),
      ...(!archivesLog(template) || Number(Days) >= ARCHIVED_DAYS
        ? []
        : [`expected a retention of ${ARCHIVED_DAYS} days or more for the access log, got a shorter one`]),
      ...(at(properties, 'VersioningConfiguration', 'Status') === 'Enabled' ? [] : ['expected versions, got none']),
      // a marker hides an object from whoever lists by name, and an archive does not return it
      ...(at(properties, 'LifecycleConfiguration') === undefined ? [] : ['expected no lifecycle rules, got some']),
    ];
  }),
];

/** Neither an ACL nor a policy opens the bucket: its functions have their rights from their own policies. */
export const bucketIsPrivate: Check = (template) =>
  eachBucket(template, ({ properties }) => {
    const ownership = at(properties, 'OwnershipControls', 'Rules', '0', 'ObjectOwnership');
    return [
      ...(isDeepStrictEqual(at(properties, 'PublicAccessBlockConfiguration'), ALL_BLOCKED)
        ? []
        : ['expected all public access to be blocked, got some that is not']),
      ...(ownership === 'BucketOwnerEnforced' ? [] : ['expected no ACLs, got some']),
      ...(policiesOf(template).flatMap(allows).length === 0
        ? []
        : ['expected a policy that only denies, got an Allow']),
    ];
  });

/** Each function puts its own kind of objects, once and over TLS; nobody puts others, replaces, unlocks or deletes any. */
export const bucketPolicyDenies: Check = (template) =>
  eachBucket(template, (bucket) => {
    const found = policiesOf(template).flatMap(denies);
    return Object.entries(required(template, bucket))
      .filter(([, wanted]) => !found.some((statement) => isDeepStrictEqual(partsOf(statement), wanted)))
      .map(([what]) => `expected a statement that denies ${what}, got none`);
  });

function required(template: VaultTemplate, { deletionPolicy }: Resource): Readonly<Record<string, object>> {
  const deny = (actions: readonly string[], resources: readonly string[], conditions?: object) => ({
    ...{ principals: ['*'], actions, resources, notResources: [] as readonly string[], conditions },
  });
  const archives = archivesLog(template);
  const unless = (...functions: readonly string[]) => {
    const roles = rolesOf(template, functions);
    return roles.length === 0 ? undefined : { ArnNotEquals: { 'aws:PrincipalArn': roles } };
  };
  return {
    'requests without TLS': deny(['s3:*'], [ARN, OBJECTS], { Bool: { 'aws:SecureTransport': 'false' } }),
    'old versions of TLS': deny(['s3:*'], [ARN, OBJECTS], { NumericLessThan: { 's3:TlsVersion': 1.2 } }),
    'a second put': deny(['s3:PutObject'], [OBJECTS], { StringNotEquals: { 's3:if-none-match': '*' } }),
    'locks of an object’s own': deny(['s3:PutObjectLegalHold', 's3:PutObjectRetention'], [OBJECTS]),
    'tombstones of others': deny(
      ['s3:PutObject'],
      [TOMBSTONES],
      unless('VaultFunctionsrevoke', 'VaultMigrationFunction'),
    ),
    // the function that the internet reaches revokes nothing else
    'tombstones of delegated shares of others': deny(['s3:PutObject'], [DELEGATED], unless('VaultWebhookFunction')),
    'receipts of others': deny(['s3:PutObject'], [RECEIPTS], unless('VaultResealFunction', 'VaultMigrationFunction')),
    ...(archives && {
      'archives of the access log of others': deny(['s3:PutObject'], [LOG_ARCHIVES], unless('VaultMigrationFunction')),
    }),
    'other objects': {
      ...deny(['s3:PutObject'], []),
      notResources: [TOMBSTONES, DELEGATED, RECEIPTS, ...(archives ? [LOG_ARCHIVES] : [])],
    },
    ...(deletionPolicy !== 'Delete' && {
      deletions: deny(['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'], [OBJECTS]),
    }),
  };
}

const partsOf = ({ principals, actions, resources, notResources, conditions }: Statement) => ({
  ...{ principals, actions, resources, notResources, conditions },
});

/** Returns the ARNs of the roles of those functions that the vault has. */
function rolesOf(template: VaultTemplate, functions: readonly string[]): readonly string[] {
  const roles = ofType(template, 'AWS::IAM::Role').map(({ id }) => id);
  return functions.map((name) => `${name}Role`).filter((id) => roles.includes(id)).map((id) => `\${${id}.Arn}`); // prettier-ignore
}

function retentionOf(properties: unknown): { readonly Mode: unknown; readonly Days: unknown } {
  const rule = at(properties, 'ObjectLockConfiguration', 'Rule', 'DefaultRetention');
  return { Mode: at(rule, 'Mode'), Days: at(rule, 'Days') };
}

/** Returns the days of backups, as the function that revokes knows them. */
function backupDaysOf(template: VaultTemplate): number {
  const days = ofType(template, 'AWS::Lambda::Function')
    .map(({ properties }) => at(properties, 'Environment', 'Variables', ENV.backupDays))
    .filter((value) => value !== undefined);
  return Math.max(...days.map(Number));
}

const policiesOf = (template: VaultTemplate): readonly unknown[] =>
  ofType(template, 'AWS::S3::BucketPolicy')
    .filter(({ properties }) => at(properties, 'Bucket') === `\${${BUCKET}}`)
    .map(({ properties }) => at(properties, 'PolicyDocument'));

function eachBucket(template: VaultTemplate, of: (bucket: Resource) => readonly string[]) {
  return bucketsOf(template).flatMap((bucket) => of(bucket).map((problem) => ({ resource: bucket.id, problem })));
}
