import { isDeepStrictEqual } from 'node:util';
import { isForBodies } from './elsewhere';
import { type Check, problems } from './finding';
import { type Statement, ROOT, allows, conditionNames, denies, isDataOperation, statements } from './statements';
import { REVIEWED_CONDITIONS, canaryConditions, sealingConditions, storageConditions } from './reviewed/conditions';
import { REVIEWED_KEY_USES } from './reviewed/permissions';
import { hasReseal } from './reseal';
import { testsRestores } from './restore-testing';
import { type Resource, type VaultTemplate, at, ofType } from './template';

const KEY = 'AWS::KMS::Key';
const SERVICES = ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'logs.${AWS::Region}.amazonaws.com'];
const SHARE_KEY = 'VaultKeysShareKey';
const STORAGE_KEY = 'VaultStorageKey';
/** The function that checks restored backups: it has a context of its own. */
const CHECKER = 'AWS:${VaultRestoreTestingFunctionRole.Arn}';
/** Policies of roles for that RDS uses the storage key: those of restore tests. */
const THROUGH_RDS = ['VaultRestoreTestingMachineRolePermissions', 'VaultRestoreTestingRolePermissions'];

/** KMS.5: a key opens to the account, the vault's roles and three services, to nobody else. */
export const keysNameTheirUsers: Check = (template) => {
  const roles = ofType(template, 'AWS::IAM::Role').map(({ id }) => `AWS:\${${id}.Arn}`);
  const known = [ROOT, ...roles, ...SERVICES.map((name) => `Service:${name}`)];
  return eachKey(template, (policy) =>
    allows(policy)
      .flatMap(({ principals }) => principals)
      .filter((principal) => !known.includes(principal))
      .map((principal) => `expected a principal of the vault, got ${principal}`),
  );
};

/** The keys that seal and open serve the roles that were reviewed, each for its one operation, and none is missing. */
export const keysServeTheirRoles: Check = (template) =>
  eachKey(template, (policy, { id }) => {
    if (id === STORAGE_KEY) return [];
    const reseals = hasReseal(template);
    const tests = testsRestores(template);
    const reviewed = (REVIEWED_KEY_USES[id] ?? [])
      .filter((use) => reseals || !use.includes('VaultReseal'))
      .filter((use) => tests || !use.includes('VaultRestoreTesting'));
    const uses = allows(policy).flatMap(({ actions, principals }) =>
      actions.filter(isDataOperation).flatMap((action) => principals.map((principal) => `${action} to ${principal}`)),
    );
    return [
      ...uses.filter((use) => !reviewed.includes(use)).map((use) => `expected a reviewed use, got ${use}`),
      ...reviewed.filter((use) => !uses.includes(use)).map((use) => `expected ${use}, got none`),
    ];
  });

/** KMS takes a policy that nobody can change any more when told to; only AWS support can then help. */
export const keysCanBeAdministered: Check = (template) =>
  eachKey(template, (policy) => {
    const administration = allows(policy)
      .filter(({ principals, conditions }) => principals.includes(ROOT) && conditions === undefined)
      .flatMap(({ actions }) => actions);
    return ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']
      .filter((action) => !administration.includes(action) && !administration.includes('kms:*'))
      .map((action) => `expected the account to have ${action}, got it in no statement`);
  });

/** The account administers keys and uses none, unless a service asks on its behalf. */
export const administrationIsNoUse: Check = (template) =>
  eachKey(template, (policy) =>
    allows(policy)
      .filter(({ conditions }) => conditions === undefined)
      .flatMap(({ actions }) => actions)
      .filter((action) => isDataOperation(action) || action.includes('*'))
      .map((action) => `expected administration without condition, got ${action}`),
  );

const DENIES = [
  ['kms:ScheduleKeyDeletion', { NumericLessThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' } }],
  ['kms:PutKeyPolicy', { Bool: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }],
  ['kms:CreateGrant', { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } }],
] as const;

/** Each key policy denies everyone the three reviewed actions, and no others: one more could lock the account out. */
export const keysHaveReviewedDenials: Check = (template) =>
  eachKey(template, (policy) => {
    const shut = denies(policy);
    const missing = DENIES.filter(
      ([action, conditions]) =>
        !shut.some(
          (statement) =>
            isDeepStrictEqual([statement.actions, statement.principals], [[action], ['*']]) &&
            isDeepStrictEqual(statement.conditions, conditions),
        ),
    ).map(([action]) => `expected everyone to be denied ${action} under its condition, got no such statement`);
    return shut.length > DENIES.length ? [...missing, `expected three denials, got ${shut.length}`] : missing;
  });

/** In the key's policy, and in a role's should one speak of it: the share key serves this environment's five pairs, from its network. */
export const shareKeyNeedsContext: Check = (template) => {
  const wanted = sealingConditions(template.environment);
  const ofCanaries = canaryConditions(template.environment);
  return [
    ...eachKey(template, () => []),
    ...eachUse(template, SHARE_KEY, ({ conditions, principals }) =>
      isDeepStrictEqual(conditions, isDeepStrictEqual(principals, [CHECKER]) ? ofCanaries : wanted),
    ),
  ];
};

/** Any other padding could be made an oracle; and it keeps the key to the one envelope. */
export const transportKeysFixTheAlgorithm: Check = (template) =>
  ofType(template, KEY)
    .filter(({ properties }) => at(properties, 'KeySpec') !== undefined)
    .flatMap(({ id }) =>
      eachUse(template, id, ({ conditions }) =>
        isDeepStrictEqual(conditions, { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } }),
      ),
    );

/** The storage key is used through services that store, by the account's own, and by services for their own data. */
export const storageKeyServesServices: Check = (template) => {
  const reviewed = storageConditions(template.environment);
  return eachKey(template, (policy, { id }) => {
    if (id !== STORAGE_KEY) return [];
    const uses = allows(policy)
      .filter(({ actions, conditions }) => actions.some(isDataOperation) && conditions !== undefined)
      .flatMap(({ principals, conditions }) => principals.map((principal) => ({ principal, conditions })));
    const served = allows(policy).flatMap(({ principals }) => principals);
    return [
      ...uses
        .filter(
          ({ principal, conditions }) => !(reviewed[principal] ?? []).some((one) => isDeepStrictEqual(one, conditions)),
        )
        .map(({ principal }) => `expected the reviewed conditions for ${principal}, got others`),
      ...Object.keys(reviewed)
        .filter((principal) => !served.includes(principal))
        .map((principal) => `expected ${principal} to be served, got no such statement`),
    ];
  });
};

/** The one secret that a role reads, by the policy that says so. */
const SECRETS: Readonly<Record<string, string>> = {
  VaultMigrationFunctionRolePermissions: '${VaultDatabaseCluster.MasterUserSecret.SecretArn}',
  VaultWebhookFunctionRolePermissions: '${VaultWebhookSigningSecret}',
};

const VIA_RDS = { StringEquals: { 'kms:ViaService': 'rds.${AWS::Region}.amazonaws.com' } };

/** In a role's policy: what is stored in its one secret or in bodies, asked for through Secrets Manager, and nothing else. */
export const storedSecretOpensThroughItsService: Check = (template) =>
  rolesUses(
    template,
    STORAGE_KEY,
    (statement, policy) =>
      isForBodies(statement, policy, template) ||
      (THROUGH_RDS.includes(policy) && isDeepStrictEqual(statement.conditions, VIA_RDS)) ||
      isDeepStrictEqual(statement.conditions, {
        StringEquals: {
          'kms:EncryptionContext:SecretARN': SECRETS[policy],
          'kms:ViaService': 'secretsmanager.${AWS::Region}.amazonaws.com',
        },
      }),
  );

const DOCUMENTS = ['AssumeRolePolicyDocument', 'KeyPolicy', 'PolicyDocument'];

/** A mistyped condition key is no error to IAM: it is a condition that never bites, or always. */
export const conditionsAreKnown: Check = (template) =>
  template.resources.flatMap((resource) =>
    DOCUMENTS.flatMap((name) => statements(at(resource.properties, name)))
      .flatMap((statement) => conditionNames(statement))
      .filter((name) => !REVIEWED_CONDITIONS.includes(name))
      .map((name) => ({ resource: resource.id, problem: `expected a reviewed condition, got ${name}` })),
  );

function eachKey(template: VaultTemplate, of: (policy: unknown, key: Resource) => readonly string[]) {
  return problems(KEY, ofType(template, KEY), (key) => of(at(key.properties, 'KeyPolicy'), key));
}

/** Looks at whatever allows a data operation on one key: to principals in its policy, to roles in theirs. */
function eachUse(template: VaultTemplate, keyId: string, holds: (statement: Statement) => boolean) {
  const key = template.resources.filter(({ id }) => id === keyId);
  const ownUses = key.flatMap(({ id, properties }) => useProblems(id, allows(at(properties, 'KeyPolicy')), holds));
  return [...ownUses, ...rolesUses(template, keyId, holds)];
}

function rolesUses(template: VaultTemplate, keyId: string, holds: (statement: Statement, policy: string) => boolean) {
  return ofType(template, 'AWS::IAM::ManagedPolicy').flatMap(({ id, properties }) => {
    const ofKey = allows(at(properties, 'PolicyDocument')).filter(({ resources }) =>
      resources.includes(`\${${keyId}.Arn}`),
    );
    return useProblems(id, ofKey, (statement) => holds(statement, id));
  });
}

function useProblems(resource: string, uses: readonly Statement[], holds: (statement: Statement) => boolean) {
  return uses
    .filter((statement) => statement.actions.some(isDataOperation) && !holds(statement))
    .map(({ actions }) => ({ resource, problem: `expected ${actions.join()} under its conditions, got others` }));
}
