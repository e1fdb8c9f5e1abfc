import type { Json, JsonObject } from '../../../../local/audit/json';
import type { Intruder } from './intruders';

/** Sections of a template that the texts of the disguised resources below are computed from. */
export const SECTIONS = {
  Parameters: {
    Any: { Type: 'String', Default: '*' },
    AnyList: { Type: 'CommaDelimitedList', Default: 'arn:aws:s3:::theirs, *' },
    Service: { Type: 'String', Default: 'kms' },
    Middle: { Type: 'String', Default: 'vault' },
    Unseal: { Type: 'String', Default: 'share-vault-prod-unseal' },
    Attribute: { Type: 'String', Default: 'Arn' },
    Policy: { Type: 'String', Default: 'AdministratorAccess' },
    Unknown: { Type: 'String' },
  },
  Mappings: { Names: { prod: { unseal: 'share-vault-prod-unseal', any: '*' }, dev: { unseal: 'x', any: 'y' } } },
} as const;

const UNSEAL = 'Functions/unseal/Function/Resource';
const EVERYTHING: JsonObject = { Effect: 'Allow', Action: '*', Resource: '*' };

function either(...values: readonly Json[]): JsonObject {
  return { 'Fn::If': ['Theirs', ...values] };
}

function policy(document: Json): Intruder {
  return () => ({
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'x', Roles: ['theirs'], PolicyDocument: document },
  });
}

const statement = (value: Json): Intruder => policy({ Version: '2012-10-17', Statement: value });
const allow = (Action: Json, Resource: Json): Intruder => statement([{ Effect: 'Allow', Action, Resource }]);
const managed = (arns: Json): Intruder =>
  of('AWS::IAM::Role', { AssumeRolePolicyDocument: {}, ManagedPolicyArns: arns });
const awsPolicy = (name: string): Intruder =>
  managed([{ 'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/${name}` }]);

function of(Type: string, properties: JsonObject | ((to: (path: string) => string) => JsonObject)): Intruder {
  return (to) => ({ Type, Properties: typeof properties === 'function' ? properties(to) : properties });
}

function permission(name: Json | ((to: (path: string) => string) => Json)): Intruder {
  return of('AWS::Lambda::Permission', (to) => ({
    Action: 'lambda:InvokeFunction',
    Principal: '*',
    FunctionName: typeof name === 'function' ? name(to) : name,
  }));
}

/** Resources beside a vault that hide their effect on it. */
export const DISGUISED: Readonly<Record<string, Intruder>> = {
  'a policy for resources that a condition chooses': allow('kms:*', either('*', 'x')),
  'a policy for actions that a condition chooses': allow(either('kms:*', 'x'), '*'),
  "a policy for a parameter's default": allow('kms:*', { Ref: 'Any' }),
  "a policy for a list parameter's default": allow('kms:*', { Ref: 'AnyList' }),
  "a policy for a parameter's default in a text": allow('kms:*', { 'Fn::Sub': '${Any}' }),
  "a policy for the actions of a parameter's service": allow({ 'Fn::Sub': '${Service}:*' }, '*'),
  'a policy for the actions of a service that only a deploy knows': allow({ 'Fn::Sub': '${Unknown}:*' }, '*'),
  "a policy for the resources of a parameter's service": allow('kms:*', { 'Fn::Sub': 'arn:aws:${Service}:*:*:key/*' }),
  'a policy for a value of a mapping': allow('kms:*', { 'Fn::FindInMap': ['Names', 'prod', 'any'] }),
  'a policy for any value of a mapping': allow('kms:*', { 'Fn::FindInMap': ['Names', { Ref: 'Unknown' }, 'any'] }),
  'a policy for an element of a list': allow('kms:*', { 'Fn::Select': ['1', ['x', '*']] }),
  'a policy for the elements of a text': allow('kms:*', { 'Fn::Split': [',', 'arn:aws:s3:::theirs,*'] }),
  'a policy with a statement that a condition chooses': statement([either(EVERYTHING, { Ref: 'AWS::NoValue' })]),
  'a policy with statements that a condition chooses': statement(either([EVERYTHING], [])),
  'a policy with a document that a condition chooses': policy(either({ Statement: [EVERYTHING] }, {})),
  'a policy with a document that is a text': policy(JSON.stringify({ Statement: [EVERYTHING] })),
  'a policy with an effect that a condition chooses': statement([{ ...EVERYTHING, Effect: either('Allow', 'Deny') }]),
  'a policy in small letters': statement([{ effect: 'Allow', action: '*', resource: '*' }]),
  'a policy without a resource': statement([{ Effect: 'Allow', Action: '*' }]),
  'a role with policies that a condition chooses': of('AWS::IAM::Role', { AssumeRolePolicyDocument: {}, Policies: either([{ PolicyName: 'x', PolicyDocument: { Statement: [EVERYTHING] } }], []) }), // prettier-ignore
  'a role with an administrator that a condition chooses': managed(either(['arn:aws:iam::aws:policy/AdministratorAccess'], [])), // prettier-ignore
  "a role with an administrator of a parameter's": managed([{ 'Fn::Sub': 'arn:aws:iam::aws:policy/${Policy}' }]),
  'a role of an administrator of databases': awsPolicy('job-function/DatabaseAdministrator'),
  'a role of an administrator of Amplify': awsPolicy('AdministratorAccess-Amplify'),
  'a role for all stacks': awsPolicy('AWSCloudFormationFullAccess'),
  'a role for all trails': awsPolicy('AWSCloudTrail_FullAccess'),
  'a role for all backups': awsPolicy('AWSBackupOperatorAccess'),
  'a permission set for everything': of('AWS::SSO::PermissionSet', { InlinePolicy: { Statement: [EVERYTHING] } }),
  'a permission set for everything as a text': of('AWS::SSO::PermissionSet', { InlinePolicy: JSON.stringify({ Statement: [EVERYTHING] }) }), // prettier-ignore
  'a permission set of an administrator': of('AWS::SSO::PermissionSet', { ManagedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }), // prettier-ignore
  'a policy for arn:*': allow('kms:*', 'arn:*'),
  'a policy for arn:aws:*': allow('kms:*', 'arn:aws:*'),
  'a policy for a service without its resources': allow('kms:*', 'arn:aws:kms:*'),
  'a policy for two wildcards': allow('kms:*', '**'),
  'a policy for keys by the length of their ids': allow('kms:*', 'arn:aws:kms:*:*:key/????????-*'),
  'a policy for keys by a part of their ids': allow('kms:PutKeyPolicy', 'arn:aws:kms:*:*:key/*-*'),
  "a policy for roles by the stack's name": allow('iam:*', { 'Fn::Sub': 'arn:aws:iam::*:role/${AWS::StackName}-*' }),
  "a policy for roles by the beginning of the vault's path": allow('iam:*', 'arn:aws:iam::*:role/share*'),
  "a policy for logs by the stack's name": allow('logs:*', { 'Fn::Sub': 'arn:aws:logs:*:*:log-group:${AWS::StackName}-*' }), // prettier-ignore
  'a policy for the logs of all clusters': allow('logs:DeleteLogGroup', 'arn:aws:logs:*:*:log-group:/aws/rds/*'),
  'a policy for snapshots': allow('rds:ModifyDBClusterSnapshotAttribute', 'arn:aws:rds:*:*:cluster-snapshot:*'),
  'a policy for recovery points': allow('backup:*', 'arn:aws:backup:*:*:recovery-point:*'),
  'a policy for backups of clusters': allow('backup:StartRestoreJob', 'arn:aws:rds:*:*:cluster-snapshot:awsbackup:*'),
  'a policy for stacks': allow('cloudformation:UpdateStack', '*'),
  'a policy for trails': allow('cloudtrail:StopLogging', '*'),
  'a policy for routes': allow('ec2:CreateRoute', 'arn:aws:ec2:*:*:route-table/*'),
  'a policy for endpoints': allow('ec2:ModifyVpcEndpoint', 'arn:aws:ec2:*:*:vpc-endpoint/*'),
  'a policy for secrets by a part of their names': allow(
    'secretsmanager:*',
    'arn:aws:secretsmanager:*:*:secret:*hook*',
  ),
  "a permission by a parameter's default": permission({ Ref: 'Unseal' }),
  "a permission by a parameter's default in a text": permission({ 'Fn::Sub': 'share-${Middle}-prod-unseal' }),
  'a permission by a variable of a text': permission({ 'Fn::Sub': ['share-${M}-prod', { M: { Ref: 'Middle' } }] }),
  'a permission by a mapping': permission({ 'Fn::FindInMap': ['Names', 'prod', 'unseal'] }),
  "a permission by the stack's name": permission({ 'Fn::Sub': '${AWS::StackName}-prod-unseal' }),
  'a permission by a name of Parameter Store': permission('{{resolve:ssm:/theirs}}'),
  'a permission by a joined element': permission({ 'Fn::Join': ['', ['share-va', { 'Fn::Select': [0, ['ult-prod-x']] }]] }), // prettier-ignore
  'a permission by a joined split': permission({ 'Fn::Join': ['-', { 'Fn::Split': ['.', 'share.vault.prod.unseal'] }] }), // prettier-ignore
  'a permission by a name that a condition chooses a part of': permission({ 'Fn::Sub': ['${A}-vault-prod', { A: either('share', 'x') }] }), // prettier-ignore
  "a permission by an attribute that a parameter's default names": permission((to) => ({ 'Fn::GetAtt': [to(UNSEAL), { Ref: 'Attribute' }] })), // prettier-ignore
  'a permission by an attribute that only a deploy knows': permission((to) => ({ 'Fn::GetAtt': [to(UNSEAL), { Ref: 'Unknown' }] })), // prettier-ignore
  'an instance of a cluster in capitals': of('AWS::RDS::DBInstance', { DBClusterIdentifier: 'Share-Vault-prod-x' }),
  'a module': of('Theirs::Everything::Thing::MODULE', {}),
};

/** Uses of a consumer's own resources. No audit may take one for a use of the vault. */
export const OWN: Readonly<Record<string, Intruder>> = {
  'a policy for a key of theirs': allow('kms:Decrypt', 'arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef'), // prettier-ignore
  'a policy for a key that another stack exports': allow('kms:Decrypt', { 'Fn::ImportValue': 'Theirs:KeyArn' }),
  "a policy for a key of a parameter's": allow('kms:Decrypt', { Ref: 'Unknown' }),
  'a policy for what is below a log of theirs': allow('logs:*', { 'Fn::Sub': '${Theirs.Arn}:*' }),
  'a policy for logs of their functions': allow(
    'logs:FilterLogEvents',
    'arn:aws:logs:*:*:log-group:/aws/lambda/mine-*',
  ),
  'a policy for their buckets': allow(['s3:*', 'dynamodb:*'], '*'),
  'a policy for all versions of a function of theirs': allow('lambda:InvokeFunction', { 'Fn::Sub': '${Theirs.Arn}:*' }),
  'a policy for secrets below a name of theirs': allow('secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:*:*:secret:mine/*'), // prettier-ignore
  'a policy for a database user of theirs': allow('rds-db:connect', 'arn:aws:rds-db:*:*:dbuser:*/mine'),
  'a policy for what a condition chooses of their buckets': allow('s3:*', either({ Ref: 'Unknown' }, 'arn:aws:s3:::x')),
  'a variable that a condition chooses': of('AWS::Lambda::Function', { Environment: { Variables: { VAULT: either('share-vault-prod-unseal:backend', '') } } }), // prettier-ignore
};
