import { controlsOf, policy, property } from './control';

const ROLE = 'AWS::IAM::Role';
const MANAGED = 'AWS::IAM::ManagedPolicy';
const ROLE_STATE = 'aws iam get-role --role-name ROLE; aws iam list-attached-role-policies --role-name ROLE';

export const ROLE_CONTROLS = controlsOf('roles', [
  {
    id: 'role-permissions',
    title: 'Each role has the reviewed permissions, no more and no less',
    standards: { hub: ['IAM.1', 'IAM.21', 'KMS.1', 'KMS.2'], cis: ['1.15'] },
    exceptions: [
      {
        ids: ['AwsSolutions-IAM4', 'AwsSolutions-IAM5'],
        reason:
          "AWS Backup's role has AWS's own policy, which AWS keeps current; actions that support no resource are allowed on all. Every key, secret, log and database user is named.",
      },
    ],
    looks: [policy(MANAGED, 'PolicyDocument'), property(ROLE, 'ManagedPolicyArns'), property(ROLE, 'Policies')],
    checks: ['rolesMayNoMore', 'rolesMayNoLess', 'awsPoliciesAreReviewed'],
    beyond: "Policies that were attached after the deploy, session policies, and the content of AWS's own policies.",
    confirm: ROLE_STATE,
  },
  {
    id: 'role-trust',
    title: 'Each role can be assumed by one service, and by no person',
    standards: {},
    looks: [policy(ROLE, 'AssumeRolePolicyDocument')],
    checks: ['rolesTrustOneService'],
    beyond: 'A trust policy that was changed after the deploy.',
    confirm: ROLE_STATE,
  },
  {
    id: 'role-function',
    title: 'A key opens to a role only within its own function',
    standards: {},
    looks: [policy(MANAGED, 'PolicyDocument', ({ effect }) => effect === 'Deny')],
    checks: ['rolesUseKeysInTheirFunction', 'codeMakesNoInterfaces'],
    beyond: 'That Lambda sends `lambda:SourceFunctionArn` with every call of a function, as AWS documents.',
    confirm: 'aws cloudtrail lookup-events (userAgent and sourceIPAddress of Decrypt)',
  },
  {
    id: 'policy-form',
    title: 'Policies are managed, name what they allow, and belong to roles only',
    standards: { hub: ['IAM.2', 'IAM.21'], cis: ['1.14'] },
    looks: [property(MANAGED, 'Roles')],
    checks: ['policiesNameWhatTheyAllow', 'policiesAreManaged'],
    beyond: 'Users and groups of the account that no template has.',
    confirm: 'aws iam get-account-authorization-details',
  },
  {
    id: 'elsewhere-rights',
    title: 'Rights for keys and stores outside the vault are bound to its functions',
    standards: {},
    optional: true,
    looks: [
      policy(MANAGED, 'PolicyDocument', ({ actions }) =>
        actions.some((action) => action.startsWith('sts:') || /secretsmanager:(Create|Put|Delete)Secret/.test(action)),
      ),
    ],
    checks: ['rightsElsewhereAreBound'],
    beyond: "The other cloud's own policies: who may use its keys there.",
    confirm: "docs/keys: the check of each provider's own access policy",
  },
]);
