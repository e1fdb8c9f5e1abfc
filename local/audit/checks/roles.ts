import { isDeepStrictEqual } from 'node:util';
import { partsOfRole } from './elsewhere';
import { type Check, problems } from './finding';
import { type Statement, allows, denies, policiesOf, statements } from './statements';
import { REVIEWED_ELSEWHERE, REVIEWED_ROLES, type ReviewedRole } from './reviewed/permissions';
import { type Resource, type VaultTemplate, at, isOfFunction, list, ofType } from './template';

const ROLE = 'AWS::IAM::Role';
/** Actions that use a key. Reviewed apart from the list of the constructs. */
const KEY_DATA = [
  'kms:Decrypt',
  'kms:DeriveSharedSecret',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:GenerateMac',
  'kms:ReEncrypt*',
  'kms:Sign',
];

/** A role has no permission that was not reviewed: `iam:PassRole`, a wildcard, one more key. */
export const rolesMayNoMore: Check = (template) =>
  eachRole(template, (role, reviewed) =>
    permissions(template, role)
      .filter((permission) => ![...reviewed.may, ...mayElsewhere(template, role)].includes(permission))
      .map((permission) => `expected a reviewed permission, got ${permission}`),
  );

/** No reviewed permission is missing: without its log or its network interfaces a function starts, and fails. */
export const rolesMayNoLess: Check = (template) =>
  eachRole(template, (role, reviewed) => {
    const granted = permissions(template, role);
    return reviewed.may
      .filter((permission) => !granted.includes(permission))
      .map((permission) => `expected ${permission}, got none`);
  });

export const awsPoliciesAreReviewed: Check = (template) =>
  eachRole(template, ({ properties }, { managedPolicies = [] }) =>
    list(at(properties, 'ManagedPolicyArns'))
      .filter((arn) => !managedPolicies.includes(String(arn)))
      .map((arn) => `expected a reviewed policy of AWS, got ${String(arn)}`),
  );

export const rolesTrustOneService: Check = (template) =>
  eachRole(template, ({ properties }, { service }) => {
    const trusted = statements(at(properties, 'AssumeRolePolicyDocument'));
    const alone = trusted.length === 1 && trusted.every((statement) => isTrust(statement, service));
    return alone ? [] : [`expected trust in ${service} alone, got ${JSON.stringify(trusted)}`];
  });

/** Credentials that leave their function open nothing: KMS compares the function that sends the request. */
export const rolesUseKeysInTheirFunction: Check = (template) =>
  eachFunctionRole(template, (denials, itself) => {
    const denied = denials.some(
      ({ actions, notResources, conditions }) =>
        isDeepStrictEqual([actions, notResources], [KEY_DATA, ['${VaultStorageKey.Arn}']]) &&
        isDeepStrictEqual(conditions, {
          ArnNotLike: { 'lambda:SourceFunctionArn': itself },
          BoolIfExists: { 'aws:ViaAWSService': 'false' },
        }),
    );
    return denied ? [] : ['expected the use of keys denied outside the function, got no such statement'];
  });

/** Lambda creates the interfaces with the function's role; the function's code never needs them. */
export const codeMakesNoInterfaces: Check = (template) =>
  eachFunctionRole(template, (denials, itself) => {
    const denied = denials
      .filter(({ conditions }) => isDeepStrictEqual(conditions, { ArnLike: { 'lambda:SourceFunctionArn': itself } }))
      .flatMap(({ actions }) => actions);
    return ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses']
      .filter((action) => !denied.includes(action))
      .map((action) => `expected ${action} denied to the code, got no such statement`);
  });

/** Functions that no caller invokes, by their roles. */
const OTHER_FUNCTIONS: Readonly<Record<string, string>> = {
  VaultMigrationFunctionRole: 'migrate',
  VaultResealFunctionRole: 'reseal',
  VaultRestoreTestingFunctionRole: 'restore-check',
  VaultWebhookFunctionRole: 'receive',
};

/** Checks the denials of each function's role; `itself` are the ARNs that Lambda names the function by. */
function eachFunctionRole(
  template: VaultTemplate,
  of: (denials: readonly Statement[], itself: readonly string[]) => readonly string[],
) {
  const roles = ofType(template, ROLE).filter(isOfFunction);
  return problems(ROLE, roles, (role) => {
    const name = OTHER_FUNCTIONS[role.id] ?? role.id.replace(/^VaultFunctions(.+)Role$/, '$1');
    const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:share-vault-${template.environment}-${name}`;
    return of(policiesOf(template, role).flatMap(denies), [arn, `${arn}:*`]);
  });
}

function eachRole(template: VaultTemplate, of: (role: Resource, reviewed: ReviewedRole) => readonly string[]) {
  return problems(ROLE, ofType(template, ROLE), (role) => {
    const reviewed = REVIEWED_ROLES[role.id];
    return reviewed ? of(role, reviewed) : ['expected a reviewed role, got one that is in no list'];
  });
}

function mayElsewhere(template: VaultTemplate, role: Resource): readonly string[] {
  const reviewed = REVIEWED_ELSEWHERE[role.id];
  const { calls, bodies } = partsOfRole(template, role);
  return [...(reviewed && calls ? [reviewed.calls] : []), ...(reviewed && bodies ? reviewed.bodies : [])];
}

function permissions(template: VaultTemplate, role: Resource): readonly string[] {
  return policiesOf(template, role)
    .flatMap(allows)
    .flatMap(({ actions, resources, notResources }) => [
      ...actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`)),
      ...actions.flatMap((action) => notResources.map((resource) => `${action} on all but ${resource}`)),
    ])
    .map((permission) => permission.replace(`share-vault-${template.environment}-`, 'share-vault-ENVIRONMENT-'))
    .map((permission) => permission.replace(`share-vault/${template.environment}/`, 'share-vault/ENVIRONMENT/'));
}

function isTrust(statement: Statement, service: string): boolean {
  return isDeepStrictEqual(
    [statement.effect, statement.actions, statement.principals],
    ['Allow', ['sts:AssumeRole'], [`Service:${service}`]],
  );
}
