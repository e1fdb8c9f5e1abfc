import { add, append, remove, set } from '../../../support/mutate';
import { type Defect, POLICY, allowing, sid } from './defect';

const ROLE = 'VaultFunctionsunsealRole';
const UNSEAL = `${ROLE}Permissions`;
const MIGRATE = 'VaultMigrationFunctionRolePermissions';
const TRUST = ['Properties', 'AssumeRolePolicyDocument', 'Statement'] as const;
const allow = (action: string) => ({ Effect: 'Allow', Action: action, Resource: '*' });

/** Defects of the functions' permissions and trust policies. */
export const ROLE_DEFECTS: readonly Defect[] = [
  {
    defect: 'a function hands roles on',
    mutation: append(UNSEAL, POLICY, allow('iam:PassRole')),
    caughtBy: { rolesMayNoMore: [ROLE] },
  },
  {
    defect: 'a function gets tokens for any service outside AWS',
    mutation: append(UNSEAL, POLICY, allow('sts:GetWebIdentityToken')),
    caughtBy: { rightsElsewhereAreBound: [UNSEAL], rolesMayNoMore: [ROLE] },
  },
  {
    defect: 'a function may do everything',
    mutation: append(UNSEAL, POLICY, allow('*')),
    caughtBy: { rolesMayNoMore: [ROLE] },
  },
  {
    defect: 'a function may use every key',
    mutation: append(UNSEAL, POLICY, allow('kms:*')),
    caughtBy: { rolesMayNoMore: [ROLE] },
  },
  {
    defect: 'a function may do everything but one thing',
    mutation: append(UNSEAL, POLICY, { Effect: 'Allow', Action: 'kms:Decrypt', NotResource: 'arn:aws:kms:::key/none' }),
    caughtBy: { rolesMayNoMore: [ROLE], policiesNameWhatTheyAllow: [UNSEAL] },
  },
  {
    defect: 'a policy of its own lets a role read secrets',
    mutation: add('More', 'AWS::IAM::Policy', {
      PolicyName: 'More',
      PolicyDocument: { Statement: [allow('secretsmanager:GetSecretValue')] },
      Roles: [{ Ref: ROLE }],
    }),
    caughtBy: { policiesAreManaged: ['More'], rolesMayNoMore: [ROLE] },
  },
  {
    defect: 'the unseal function logs in as the database owner',
    mutation: set(UNSEAL, [...POLICY, allowing('rds-db:connect'), 'Resource'], '*'),
    caughtBy: {
      rolesMayNoMore: [ROLE],
      rolesMayNoLess: [ROLE],
      functionsLogInAsTheirUser: ['VaultFunctionsunsealFunction'],
    },
  },
  {
    defect: 'a function can not write its log',
    mutation: remove(UNSEAL, [...POLICY, sid('AllowOwnLog')]),
    caughtBy: { rolesMayNoLess: [ROLE, ROLE] },
  },
  {
    defect: 'a function can not make its network interfaces',
    mutation: remove(UNSEAL, [...POLICY, sid('AllowNetworkInterfaces')]),
    caughtBy: { rolesMayNoLess: Array.from({ length: 6 }, () => ROLE) },
  },
  {
    defect: 'the credentials of the unseal function open records anywhere',
    mutation: remove(UNSEAL, [...POLICY, sid('DenyKeyUseUnlessOwnFunction')]),
    caughtBy: { rolesUseKeysInTheirFunction: [ROLE] },
  },
  {
    defect: 'the credentials of the unseal function open records in any function',
    mutation: set(
      UNSEAL,
      [...POLICY, sid('DenyKeyUseUnlessOwnFunction'), 'Condition', 'ArnNotLike', 'lambda:SourceFunctionArn'],
      'arn:aws:lambda:*:*:function:*',
    ),
    caughtBy: { rolesUseKeysInTheirFunction: [ROLE] },
  },
  {
    defect: 'the credentials of the unseal function are bound where a service calls for them, too',
    mutation: remove(UNSEAL, [...POLICY, sid('DenyKeyUseUnlessOwnFunction'), 'Condition', 'BoolIfExists']),
    caughtBy: { rolesUseKeysInTheirFunction: [ROLE] },
  },
  {
    defect: 'the code of a function makes network interfaces',
    mutation: remove(UNSEAL, [...POLICY, sid('DenyNetworkInterfacesFromCode')]),
    caughtBy: { codeMakesNoInterfaces: [ROLE, ROLE, ROLE] },
  },
  {
    defect: 'migrations decrypt whatever is stored',
    mutation: remove(MIGRATE, [...POLICY, allowing('kms:Decrypt'), 'Condition']),
    caughtBy: { storedSecretOpensThroughItsService: [MIGRATE] },
  },
  {
    defect: 'a policy of AWS with every right is attached to a role',
    mutation: append(ROLE, ['Properties', 'ManagedPolicyArns'], 'arn:aws:iam::aws:policy/AdministratorAccess'),
    caughtBy: { awsPoliciesAreReviewed: [ROLE] },
  },
  {
    defect: 'anyone in the account assumes the unseal role',
    mutation: set(ROLE, [...TRUST, 0, 'Principal'], { AWS: { Ref: 'AWS::AccountId' } }),
    caughtBy: { rolesTrustOneService: [ROLE] },
  },
  {
    defect: 'a user joins in',
    mutation: add('User', 'AWS::IAM::User', {}),
    caughtBy: { policiesAreManaged: ['User'] },
  },
  {
    defect: 'a function may do all but a few things',
    mutation: append(UNSEAL, POLICY, { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
    caughtBy: { policiesNameWhatTheyAllow: [UNSEAL] },
  },
  {
    defect: 'a role that nobody reviewed joins in',
    mutation: add('Helper', 'AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [] } }),
    caughtBy: {
      rolesTrustOneService: ['Helper'],
      rolesMayNoMore: ['Helper'],
      rolesMayNoLess: ['Helper'],
      awsPoliciesAreReviewed: ['Helper'],
    },
  },
];
