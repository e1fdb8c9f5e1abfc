import { parseFunctionReference } from '../function-reference';
import { arn, globalArn, type Value } from './deployment';
import { generatedName, named, numbered, suffixOf, type UnnamedResource, uuid } from './names';

type Shape = (resource: UnnamedResource) => Value | undefined;

/**
 * Returns the name or attribute that AWS would give a resource; the empty attribute means `Ref`. Shapes are those of
 * AWS. Random parts are digests of the stack and the logical id: unique to a resource, and the same at every start.
 * Returns a generated name for a `Ref` that is not in the table, undefined for an unknown attribute.
 */
export function awsName(resource: UnnamedResource, attribute: string): Value | undefined {
  const known = ATTRIBUTES[`${resource.type} ${attribute}`.trim()]?.(resource);
  return known ?? (attribute === '' ? generatedName(resource) : undefined);
}

/** CloudFormation's documented return values: `TYPE` for `Ref`, `TYPE ATTRIBUTE` for `Fn::GetAtt`. */
const ATTRIBUTES: Readonly<Record<string, Shape>> = {
  'AWS::ApiGatewayV2::Api': httpApiId,
  'AWS::ApiGatewayV2::Api ApiEndpoint': (api) =>
    `https://${httpApiId(api)}.execute-api.${api.deployment.region}.amazonaws.com`,
  'AWS::ApiGatewayV2::Api ApiId': httpApiId,
  'AWS::ApiGatewayV2::Integration': (integration) => suffixOf(integration, 7),
  'AWS::ApiGatewayV2::Route': (route) => suffixOf(route, 7),
  'AWS::ApiGatewayV2::Stage': (stage) => property(stage, 'StageName'),
  'AWS::Backup::BackupPlan': uuid,
  'AWS::Backup::BackupPlan BackupPlanId': uuid,
  'AWS::Backup::BackupVault': (vault) => property(vault, 'BackupVaultName'),
  'AWS::Backup::BackupVault BackupVaultArn': (vault) =>
    arn(vault.deployment, 'backup', `backup-vault:${String(vault.property('BackupVaultName'))}`),
  'AWS::Backup::BackupVault BackupVaultName': (vault) => property(vault, 'BackupVaultName'),
  'AWS::CloudFormation::Stack': (stack) =>
    arn(stack.deployment, 'cloudformation', `stack/${named(stack, 'StackName')}/${uuid(stack)}`),
  'AWS::DynamoDB::Table': (table) => named(table, 'TableName'),
  'AWS::DynamoDB::Table Arn': (table) => arn(table.deployment, 'dynamodb', `table/${named(table, 'TableName')}`),
  'AWS::EC2::NetworkAcl': (acl) => numbered(acl, 'acl'),
  'AWS::EC2::RouteTable': (table) => numbered(table, 'rtb'),
  'AWS::EC2::SecurityGroup': (group) => numbered(group, 'sg'),
  'AWS::EC2::SecurityGroup GroupId': (group) => numbered(group, 'sg'),
  'AWS::EC2::SecurityGroup VpcId': (group) => property(group, 'VpcId'),
  'AWS::EC2::Subnet': (subnet) => numbered(subnet, 'subnet'),
  'AWS::EC2::Subnet AvailabilityZone': (subnet) => property(subnet, 'AvailabilityZone'),
  'AWS::EC2::Subnet SubnetId': (subnet) => numbered(subnet, 'subnet'),
  'AWS::EC2::VPC': (vpc) => numbered(vpc, 'vpc'),
  'AWS::EC2::VPC CidrBlock': (vpc) => property(vpc, 'CidrBlock'),
  'AWS::EC2::VPC DefaultSecurityGroup': (vpc) => numbered(vpc, 'sg'),
  'AWS::EC2::VPC VpcId': (vpc) => numbered(vpc, 'vpc'),
  'AWS::EC2::VPCEndpoint': (endpoint) => numbered(endpoint, 'vpce'),
  'AWS::EC2::VPCEndpoint DnsEntries': (endpoint) => [
    // of S3: for `bucket`, `accesspoint` or `control`
    `Z${suffixOf(endpoint, 13).toUpperCase()}:${isOfS3(endpoint) ? '*.' : ''}${endpointHost(endpoint)}`,
  ],
  'AWS::Events::EventBus': (bus) => named(bus, 'Name'),
  'AWS::Events::EventBus Arn': (bus) => arn(bus.deployment, 'events', `event-bus/${named(bus, 'Name')}`),
  'AWS::Events::Rule': (rule) => named(rule, 'Name'),
  'AWS::Events::Rule Arn': (rule) => arn(rule.deployment, 'events', `rule/${named(rule, 'Name')}`),
  'AWS::IAM::ManagedPolicy': managedPolicyArn,
  'AWS::IAM::ManagedPolicy PolicyArn': managedPolicyArn,
  'AWS::IAM::Policy': (policy) => property(policy, 'PolicyName'),
  'AWS::IAM::Role': (role) => named(role, 'RoleName'),
  'AWS::IAM::Role Arn': (role) => globalArn(role.deployment, 'iam', `role${iamPath(role)}${named(role, 'RoleName')}`),
  'AWS::IAM::Role RoleId': (role) => `AROA${suffixOf(role, 17).toUpperCase()}`,
  'AWS::IAM::User': (user) => named(user, 'UserName'),
  'AWS::IAM::User Arn': (user) => globalArn(user.deployment, 'iam', `user${iamPath(user)}${named(user, 'UserName')}`),
  'AWS::KMS::Alias': (alias) => property(alias, 'AliasName'),
  'AWS::KMS::Key': uuid,
  'AWS::KMS::Key Arn': (key) => arn(key.deployment, 'kms', `key/${uuid(key)}`),
  'AWS::KMS::Key KeyId': uuid,
  'AWS::Lambda::Alias': (alias) => qualified(alias, property(alias, 'Name')),
  'AWS::Lambda::Alias AliasArn': (alias) => qualified(alias, property(alias, 'Name')),
  'AWS::Lambda::Function': (fn) => named(fn, 'FunctionName'),
  'AWS::Lambda::Function Arn': (fn) => arn(fn.deployment, 'lambda', `function:${named(fn, 'FunctionName')}`),
  'AWS::Lambda::LayerVersion': (layer) => arn(layer.deployment, 'lambda', `layer:${named(layer, 'LayerName')}:1`),
  'AWS::Lambda::Version': (version) => qualified(version, number(version)),
  'AWS::Lambda::Version FunctionArn': (version) => qualified(version, number(version)),
  'AWS::Lambda::Version Version': number,
  'AWS::Logs::LogGroup': (group) => named(group, 'LogGroupName'),
  'AWS::Logs::LogGroup Arn': (group) => arn(group.deployment, 'logs', `log-group:${named(group, 'LogGroupName')}:*`),
  'AWS::RDS::DBCluster': clusterName,
  'AWS::RDS::DBCluster DBClusterArn': (cluster) => arn(cluster.deployment, 'rds', `cluster:${clusterName(cluster)}`),
  'AWS::RDS::DBCluster DBClusterResourceId': clusterId,
  'AWS::RDS::DBCluster Endpoint.Address': (cluster) => clusterHost(cluster, 'cluster'),
  'AWS::RDS::DBCluster Endpoint.Port': clusterPort,
  'AWS::RDS::DBCluster MasterUserSecret.SecretArn': masterSecretArn,
  'AWS::RDS::DBCluster Port': clusterPort,
  'AWS::RDS::DBCluster ReadEndpoint.Address': (cluster) => clusterHost(cluster, 'cluster-ro'),
  'AWS::RDS::DBInstance': (instance) => named(instance, 'DBInstanceIdentifier').toLowerCase(),
  'AWS::Backup::RestoreTestingPlan': (plan) => property(plan, 'RestoreTestingPlanName'),
  'AWS::Backup::RestoreTestingPlan RestoreTestingPlanArn': (plan) =>
    arn(plan.deployment, 'backup', `restore-testing-plan:${property(plan, 'RestoreTestingPlanName')}-${uuid(plan)}`),
  'AWS::S3::Bucket': (bucket) => named(bucket, 'BucketName').toLowerCase(),
  'AWS::S3::Bucket Arn': (bucket) =>
    `arn:${bucket.deployment.partition ?? 'aws'}:s3:::${named(bucket, 'BucketName').toLowerCase()}`,
  'AWS::SNS::Topic': (topic) => arn(topic.deployment, 'sns', named(topic, 'TopicName')),
  'AWS::SNS::Topic TopicArn': (topic) => arn(topic.deployment, 'sns', named(topic, 'TopicName')),
  'AWS::SNS::Topic TopicName': (topic) => named(topic, 'TopicName'),
  'AWS::SQS::Queue': (queue) =>
    `https://sqs.${queue.deployment.region}.amazonaws.com/${queue.deployment.account}/${named(queue, 'QueueName')}`,
  'AWS::SQS::Queue Arn': (queue) => arn(queue.deployment, 'sqs', named(queue, 'QueueName')),
  'AWS::SQS::Queue QueueName': (queue) => named(queue, 'QueueName'),
  'AWS::SSM::Parameter': (parameter) => named(parameter, 'Name'),
  'AWS::SSM::Parameter Type': (parameter) => property(parameter, 'Type'),
  'AWS::SSM::Parameter Value': (parameter) => property(parameter, 'Value'),
  'AWS::SecretsManager::Secret': secretArn,
  'AWS::SecretsManager::Secret Id': secretArn,
  'AWS::StepFunctions::StateMachine': stateMachineArn,
  'AWS::StepFunctions::StateMachine Arn': stateMachineArn,
};

function property(resource: UnnamedResource, name: string): string | undefined {
  const value = resource.property(name);
  return typeof value === 'string' ? value : undefined;
}

function iamPath(resource: UnnamedResource): string {
  return property(resource, 'Path') ?? '/';
}

function managedPolicyArn(policy: UnnamedResource): string {
  return globalArn(policy.deployment, 'iam', `policy${iamPath(policy)}${named(policy, 'ManagedPolicyName')}`);
}

function httpApiId(api: UnnamedResource): string {
  return suffixOf(api, 10);
}

function endpointHost(endpoint: UnnamedResource): string {
  const service = property(endpoint, 'ServiceName')?.split('.').at(-1) ?? 'service';
  const { region } = endpoint.deployment;
  return `${numbered(endpoint, 'vpce')}-${suffixOf(endpoint, 8)}.${service}.${region}.vpce.amazonaws.com`;
}

/** Returns a version's number; the first version of a function is 1. */
function number(version: UnnamedResource): string {
  return String(version.precedingVersions() + 1);
}

/** Returns the ARN of a version or alias. */
function qualified(resource: UnnamedResource, qualifier: string | undefined): string | undefined {
  const { name } = parseFunctionReference(property(resource, 'FunctionName') ?? '') ?? {};
  if (name === undefined || qualifier === undefined) return undefined;
  return arn(resource.deployment, 'lambda', `function:${name}:${qualifier}`);
}

/** Returns a cluster's name in lower case, as RDS stores it. */
function clusterName(cluster: UnnamedResource): string {
  return named(cluster, 'DBClusterIdentifier').toLowerCase();
}

function clusterId(cluster: UnnamedResource): string {
  return `cluster-${suffixOf(cluster, 26).toUpperCase()}`;
}

function clusterHost(cluster: UnnamedResource, kind: string): string {
  return `${clusterName(cluster)}.${kind}-${suffixOf(cluster, 12)}.${cluster.deployment.region}.rds.amazonaws.com`;
}

function clusterPort(cluster: UnnamedResource): string {
  const port = cluster.property('Port');
  if (typeof port === 'number' || typeof port === 'string') return String(port);
  return String(cluster.property('Engine')).includes('postgres') ? '5432' : '3306';
}

/** Returns the ARN of the secret that RDS itself creates and rotates. */
function masterSecretArn(cluster: UnnamedResource): string | undefined {
  if (![true, 'true'].includes(cluster.property('ManageMasterUserPassword') as string | boolean)) return undefined;
  return arn(
    cluster.deployment,
    'secretsmanager',
    `secret:rds!${clusterId(cluster).toLowerCase()}-${suffixOf(cluster, 6)}`,
  );
}

/** Returns a secret's ARN; Secrets Manager appends six characters to every name. */
function secretArn(secret: UnnamedResource): string {
  return arn(secret.deployment, 'secretsmanager', `secret:${named(secret, 'Name')}-${suffixOf(secret, 6)}`);
}

function stateMachineArn(machine: UnnamedResource): string {
  return arn(machine.deployment, 'states', `stateMachine:${named(machine, 'StateMachineName')}`);
}

function isOfS3(endpoint: UnnamedResource): boolean {
  return property(endpoint, 'ServiceName')?.endsWith('.s3') === true;
}
