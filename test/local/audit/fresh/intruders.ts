import type { Json, JsonObject } from '../../../../local/audit/json';

/** A resource beside a vault, in the words of its template: `to('Keys/ShareKey/Key/Resource')` is its logical id. */
export type Intruder = (to: (path: string) => string) => { readonly Type: string; readonly Properties: JsonObject };

const STORAGE_KEY = 'StorageKey/Key/Resource';
const SHARE_KEY = 'Keys/ShareKey/Key/Resource';
const UNSEAL = 'Functions/unseal/Function/Resource';
const ALIAS = 'Functions/unseal/Actor-backend/Resource';
const ROLE = 'Functions/unseal/Role/Resource';
const CLUSTER = 'Database/Cluster/Resource';
const SECRET = 'Webhook/SigningSecret/Secret';
const TOPIC = 'Watch/AlarmTopic/Topic/Resource';
const API = 'Webhook/Api/Resource';
const LOG = 'Functions/unseal/Log/Resource';
const VPC = 'Network/Vpc/Resource';
const DATABASE_GROUP = 'Database/Group/Resource';

const ref = (id: string): Json => ({ Ref: id });
const arn = (id: string, attribute = 'Arn'): Json => ({ 'Fn::GetAtt': [id, attribute] });
const ANYWHERE = '0.0.0.0/0';

function of(Type: string, properties: (to: (path: string) => string) => JsonObject): Intruder {
  return (to) => ({ Type, Properties: properties(to) });
}

function allow(action: Json, resource: (to: (path: string) => string) => Json): Intruder {
  return of('AWS::IAM::Policy', (to) => ({
    PolicyName: 'Theirs',
    Roles: ['theirs'],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: action, Resource: resource(to) }],
    },
  }));
}

const policy = (action: string, more: JsonObject = {}): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Principal: '*', Resource: '*', ...more }],
});

/** Resources that no vault needs beside it; each would weaken it. */
export const INTRUDERS: Readonly<Record<string, Intruder>> = {
  'an alias of a key': of('AWS::KMS::Alias', (to) => ({ AliasName: 'alias/theirs', TargetKeyId: ref(to(SHARE_KEY)) })),
  'a replica of a key': of('AWS::KMS::ReplicaKey', (to) => ({ PrimaryKeyArn: arn(to(SHARE_KEY)), KeyPolicy: policy('kms:*') })), // prettier-ignore
  'a policy for a secret': of('AWS::SecretsManager::ResourcePolicy', (to) => ({ SecretId: ref(to(SECRET)), ResourcePolicy: policy('secretsmanager:GetSecretValue') })), // prettier-ignore
  'a rotation of a secret': of('AWS::SecretsManager::RotationSchedule', (to) => ({ SecretId: ref(to(SECRET)), RotationLambdaARN: 'arn:aws:lambda:eu-west-1:111111111111:function:theirs' })), // prettier-ignore
  'a target for a secret': of('AWS::SecretsManager::SecretTargetAttachment', (to) => ({ SecretId: ref(to(SECRET)), TargetId: 'x', TargetType: 'AWS::RDS::DBCluster' })), // prettier-ignore
  'a permission for everybody': of('AWS::Lambda::Permission', (to) => ({ Action: 'lambda:InvokeFunction', FunctionName: ref(to(ALIAS)), Principal: '*' })), // prettier-ignore
  'a permission by the name of a function': of('AWS::Lambda::Permission', () => ({ Action: 'lambda:*', FunctionName: 'share-vault-prod-unseal', Principal: '*' })), // prettier-ignore
  'a URL': of('AWS::Lambda::Url', (to) => ({ TargetFunctionArn: ref(to(UNSEAL)), AuthType: 'NONE' })),
  'an event source': of('AWS::Lambda::EventSourceMapping', (to) => ({ FunctionName: ref(to(ALIAS)), EventSourceArn: 'arn:aws:sqs:eu-west-1:111111111111:theirs' })), // prettier-ignore
  'a destination for events': of('AWS::Lambda::EventInvokeConfig', (to) => ({ FunctionName: ref(to(UNSEAL)), Qualifier: '1', DestinationConfig: { OnSuccess: { Destination: 'arn:aws:sqs:eu-west-1:111111111111:theirs' } } })), // prettier-ignore
  'an alias of a function': of('AWS::Lambda::Alias', (to) => ({ FunctionName: ref(to(UNSEAL)), FunctionVersion: '$LATEST', Name: 'theirs' })), // prettier-ignore
  'a version of a function': of('AWS::Lambda::Version', (to) => ({ FunctionName: ref(to(UNSEAL)) })),
  "a function with a vault's role": of('AWS::Lambda::Function', (to) => ({ Role: arn(to(ROLE)), Code: { ZipFile: '' }, Handler: 'index.handler', Runtime: 'nodejs24.x' })), // prettier-ignore
  "a function in a vault's security group": of('AWS::Lambda::Function', (to) => ({ Role: 'theirs', Code: { ZipFile: '' }, VpcConfig: { SecurityGroupIds: [arn(to('Network/Functions/Resource'), 'GroupId')], SubnetIds: [] } })), // prettier-ignore
  'a function that reads a secret at deploy': of('AWS::Lambda::Function', (to) => ({ Role: 'theirs', Environment: { Variables: { X: { 'Fn::Sub': `{{resolve:secretsmanager:\${${to(SECRET)}}}}` } } } })), // prettier-ignore
  'a schedule': of('AWS::Events::Rule', (to) => ({ ScheduleExpression: 'rate(1 minute)', Targets: [{ Id: 'x', Arn: ref(to(ALIAS)) }] })), // prettier-ignore
  "a scheduler's schedule": of('AWS::Scheduler::Schedule', (to) => ({ ScheduleExpression: 'rate(1 minute)', Target: { Arn: ref(to(ALIAS)), RoleArn: 'theirs' } })), // prettier-ignore
  'a state machine': of('AWS::StepFunctions::StateMachine', (to) => ({ RoleArn: arn(to(ROLE)), DefinitionString: '{}' })), // prettier-ignore
  "a policy of a vault's role": of('AWS::IAM::Policy', (to) => ({ PolicyName: 'x', Roles: [ref(to(ROLE))], PolicyDocument: policy('s3:GetObject') })), // prettier-ignore
  "a managed policy of a vault's role": of('AWS::IAM::ManagedPolicy', (to) => ({ Roles: [ref(to(ROLE))], PolicyDocument: policy('s3:GetObject') })), // prettier-ignore
  "a role policy of a vault's role": of('AWS::IAM::RolePolicy', (to) => ({ RoleName: ref(to(ROLE)), PolicyName: 'x', PolicyDocument: policy('s3:GetObject') })), // prettier-ignore
  "an instance profile of a vault's role": of('AWS::IAM::InstanceProfile', (to) => ({ Roles: [ref(to(ROLE))] })),
  'a way into the database': of('AWS::EC2::SecurityGroupIngress', (to) => ({ GroupId: arn(to(DATABASE_GROUP), 'GroupId'), IpProtocol: 'tcp', FromPort: 5433, ToPort: 5433, CidrIp: ANYWHERE })), // prettier-ignore
  'a way out for functions': of('AWS::EC2::SecurityGroupEgress', (to) => ({ GroupId: arn(to('Network/Functions/Resource'), 'GroupId'), IpProtocol: '-1', CidrIp: ANYWHERE })), // prettier-ignore
  'a way from the database group': of('AWS::EC2::SecurityGroup', (to) => ({ VpcId: ref(to(VPC)), SecurityGroupIngress: [{ SourceSecurityGroupId: arn(to(DATABASE_GROUP), 'GroupId'), IpProtocol: '-1' }] })), // prettier-ignore
  'a gateway for the network': of('AWS::EC2::VPCGatewayAttachment', (to) => ({ VpcId: ref(to(VPC)), InternetGatewayId: 'igw-0' })), // prettier-ignore
  'a peering of the network': of('AWS::EC2::VPCPeeringConnection', (to) => ({ VpcId: ref(to(VPC)), PeerVpcId: 'vpc-0' })), // prettier-ignore
  'an endpoint in the network': of('AWS::EC2::VPCEndpoint', (to) => ({ VpcId: ref(to(VPC)), ServiceName: 'com.amazonaws.eu-west-1.s3', VpcEndpointType: 'Gateway' })), // prettier-ignore
  'a route of the network': of('AWS::EC2::Route', (to) => ({ RouteTableId: ref(to('Network/Vpc/IsolatedSubnet1/RouteTable')), DestinationCidrBlock: ANYWHERE, NatGatewayId: 'nat-0' })), // prettier-ignore
  'an instance of the database': of('AWS::RDS::DBInstance', (to) => ({ DBClusterIdentifier: ref(to(CLUSTER)), PubliclyAccessible: true })), // prettier-ignore
  'a proxy of the database': of('AWS::RDS::DBProxyTargetGroup', (to) => ({ DBClusterIdentifiers: [ref(to(CLUSTER))], DBProxyName: 'x', TargetGroupName: 'default' })), // prettier-ignore
  'an integration of the database': of('AWS::RDS::Integration', (to) => ({ SourceArn: arn(to(CLUSTER), 'DBClusterArn'), TargetArn: 'arn:aws:redshift:eu-west-1:111111111111:namespace/x' })), // prettier-ignore
  'a copy of the database': of('AWS::RDS::DBCluster', (to) => ({ SourceDBClusterIdentifier: ref(to(CLUSTER)), Engine: 'aurora-postgresql' })), // prettier-ignore
  'a cluster of the name': of('AWS::RDS::DBCluster', () => ({ DBClusterIdentifier: 'share-vault-prod', Engine: 'aurora-postgresql' })), // prettier-ignore
  'a backup of everything': of('AWS::Backup::BackupSelection', () => ({ BackupPlanId: 'x', BackupSelection: { IamRoleArn: 'theirs', SelectionName: 'x', Resources: ['*'] } })), // prettier-ignore
  'a backup by tag': of('AWS::Backup::BackupSelection', () => ({ BackupPlanId: 'x', BackupSelection: { IamRoleArn: 'theirs', SelectionName: 'x', ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'share-vault:environment', ConditionValue: 'prod' }] } })), // prettier-ignore
  'a subscription of a log': of('AWS::Logs::SubscriptionFilter', (to) => ({ LogGroupName: ref(to(LOG)), DestinationArn: 'arn:aws:lambda:eu-west-1:111111111111:function:theirs', FilterPattern: '' })), // prettier-ignore
  'a transformer of a log': of('AWS::Logs::Transformer', (to) => ({ LogGroupIdentifier: ref(to(LOG)), TransformerConfig: [] })), // prettier-ignore
  'a policy for all logs of the account': of('AWS::Logs::AccountPolicy', () => ({ PolicyName: 'x', PolicyType: 'SUBSCRIPTION_FILTER_POLICY', PolicyDocument: '{}' })), // prettier-ignore
  'a second policy of the topic': of('AWS::SNS::TopicPolicy', (to) => ({ Topics: [ref(to(TOPIC))], PolicyDocument: policy('sns:*') })), // prettier-ignore
  'an inline policy of the topic': of('AWS::SNS::TopicInlinePolicy', (to) => ({ TopicArn: ref(to(TOPIC)), PolicyDocument: policy('sns:*') })), // prettier-ignore
  'a route of the webhook': of('AWS::ApiGatewayV2::Route', (to) => ({ ApiId: ref(to(API)), RouteKey: '$default' })),
  'a stage of the webhook': of('AWS::ApiGatewayV2::Stage', (to) => ({ ApiId: ref(to(API)), StageName: 'theirs' })),
  'an integration of the webhook': of('AWS::ApiGatewayV2::Integration', (to) => ({ ApiId: ref(to(API)), IntegrationType: 'HTTP_PROXY', IntegrationUri: 'https://example.invalid' })), // prettier-ignore
  'a parameter of a published name': of('AWS::SSM::Parameter', () => ({ Name: '/share-vault/prod/keys/intake/intake-1', Type: 'String', Value: 'theirs' })), // prettier-ignore
  'a parameter of a joined name': of('AWS::SSM::Parameter', () => ({ Name: { 'Fn::Join': ['/', ['', 'share-vault', 'prod', 'x']] }, Type: 'String', Value: 'theirs' })), // prettier-ignore
  'a bucket under the storage key': of('AWS::S3::Bucket', (to) => ({ BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn(to(STORAGE_KEY)) } }] } })), // prettier-ignore
  "a bucket policy for a vault's role": of('AWS::S3::BucketPolicy', (to) => ({ Bucket: 'x', PolicyDocument: policy('s3:GetObject', { Principal: { AWS: arn(to(ROLE)) } }) })), // prettier-ignore
  'a custom resource for a key': of('Custom::Theirs', (to) => ({ ServiceToken: 'theirs', Key: arn(to(SHARE_KEY)) })),
  'leave to decrypt': allow('kms:Decrypt', (to) => arn(to(SHARE_KEY))),
  'leave to disable the share key, for a role that may do more': allow('kms:DisableKey', (to) => arn(to(SHARE_KEY))),
  'leave to enable the share key, beside that of an emergency stop': of('AWS::IAM::ManagedPolicy', (to) => ({ Path: '/share-vault-emergency/', PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['kms:DisableKey', 'kms:EnableKey'], Resource: arn(to(SHARE_KEY)) }] } })), // prettier-ignore
  'leave to disable the storage key, beside that of an emergency stop': of('AWS::IAM::ManagedPolicy', (to) => ({ Path: '/share-vault-emergency/', PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:DisableKey', Resource: arn(to(STORAGE_KEY)) }] } })), // prettier-ignore
  'leave to decrypt with all keys': allow('kms:Decrypt', () => '*'),
  'leave to decrypt with all keys of the account': allow('kms:*', () => ({ 'Fn::Sub': 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*' })), // prettier-ignore
  'leave to invoke without an actor': allow('lambda:InvokeFunction', (to) => arn(to(UNSEAL))),
  'leave to invoke all actors': allow('lambda:InvokeFunction', () => 'arn:aws:lambda:eu-west-1:111111111111:function:share-vault-prod-unseal:*'), // prettier-ignore
  'leave to invoke all functions': allow('lambda:InvokeFunction', () => 'arn:aws:lambda:*:*:function:*'),
  'leave to invoke the migration': allow('lambda:InvokeFunction', () => 'arn:aws:lambda:eu-west-1:111111111111:function:share-vault-prod-migrate:sweep'), // prettier-ignore
  'leave to change an actor': allow('lambda:UpdateAlias', () => 'arn:aws:lambda:eu-west-1:111111111111:function:share-vault-prod-unseal:backend'), // prettier-ignore
  'leave to read secrets': allow('secretsmanager:GetSecretValue', () => '*'),
  'leave to log in to the database': allow('rds-db:connect', () => 'arn:aws:rds-db:*:*:dbuser:*/vault_owner'),
  'leave to pass a role': allow('iam:PassRole', (to) => arn(to(ROLE))),
  'leave to change published parameters': allow('ssm:PutParameter', () => 'arn:aws:ssm:*:*:parameter/*'),
  'leave for everything': allow('*', () => '*'),
  'leave for everything but one thing': of('AWS::IAM::ManagedPolicy', () => ({ PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }] } })), // prettier-ignore
  'leave on everything but one thing': of('AWS::IAM::ManagedPolicy', () => ({ PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:*', NotResource: 'arn:aws:kms:::key/x' }] } })), // prettier-ignore
  'leave in a role': of('AWS::IAM::Role', () => ({ AssumeRolePolicyDocument: {}, Policies: [{ PolicyName: 'x', PolicyDocument: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: ['logs:PutLogEvents', 'logs:DeleteLogGroup'], Resource: ['*'] } } }] })), // prettier-ignore
  'an administrator': of('AWS::IAM::Role', () => ({ AssumeRolePolicyDocument: {}, ManagedPolicyArns: [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess' }] })), // prettier-ignore
};
