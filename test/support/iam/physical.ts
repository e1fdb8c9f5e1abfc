import { createHash } from 'node:crypto';

/** Where the templates are taken to be deployed. */
export const ACCOUNT = '111111111111';
export const REGION = 'eu-central-1';

/** A resource as a template has it, its properties resolved. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly stack: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * The name or attribute that AWS would give a resource: `Ref` has the empty attribute. The shapes are AWS's, ids are
 * digests of the logical id, so that no two resources share one. Throws on types that no policy here has named before.
 */
export function physical(resource: Resource, attribute: string): string {
  const value = SHAPES[`${resource.type} ${attribute}`.trim()]?.(resource);
  if (value === undefined) {
    throw new Error(`expected a reference whose shape is known, got ${resource.type} ${resource.id} ${attribute}`);
  }
  return value;
}

const SHAPES: Readonly<Record<string, (resource: Resource) => string>> = {
  'AWS::KMS::Key': keyId,
  'AWS::KMS::Key Arn': (key) => arn('kms', `key/${keyId(key)}`),
  'AWS::IAM::Role': (role) => named(role, 'RoleName'),
  'AWS::IAM::Role Arn': (role) => `arn:aws:iam::${ACCOUNT}:role/${named(role, 'RoleName')}`,
  'AWS::IAM::ManagedPolicy': (policy) => `arn:aws:iam::${ACCOUNT}:policy/${named(policy, 'ManagedPolicyName')}`,
  'AWS::Lambda::Function': (fn) => named(fn, 'FunctionName'),
  'AWS::Lambda::Function Arn': (fn) => arn('lambda', `function:${named(fn, 'FunctionName')}`),
  'AWS::Logs::LogGroup': (group) => named(group, 'LogGroupName'),
  'AWS::Logs::LogGroup Arn': (group) => arn('logs', `log-group:${named(group, 'LogGroupName')}:*`),
  'AWS::RDS::DBCluster': (cluster) => named(cluster, 'DBClusterIdentifier').toLowerCase(),
  'AWS::RDS::DBCluster DBClusterResourceId': clusterId,
  'AWS::RDS::DBCluster MasterUserSecret.SecretArn': (cluster) =>
    arn('secretsmanager', `secret:rds!${clusterId(cluster).toLowerCase()}-AbCdEf`),
  'AWS::EC2::VPC': (vpc) => `vpc-${digest(vpc).slice(0, 17)}`,
  'AWS::EC2::VPC DefaultSecurityGroup': (vpc) => `sg-${digest(vpc).slice(0, 17)}`,
  'AWS::SecretsManager::Secret': (secret) => arn('secretsmanager', `secret:${named(secret, 'Name')}-AbCdEf`),
  'AWS::ApiGatewayV2::Api': (api) => digest(api).slice(0, 10),
  'AWS::Events::Rule Arn': (rule) => arn('events', `rule/${named(rule, 'Name')}`),
  'AWS::SNS::Topic': (topic) => arn('sns', named(topic, 'TopicName')),
};

export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

function keyId(key: Resource): string {
  return digest(key).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function clusterId(cluster: Resource): string {
  return `cluster-${digest(cluster).slice(0, 26).toUpperCase()}`;
}

/** The name that the template gives, or CloudFormation's own. */
function named({ id, stack, properties }: Resource, property: string): string {
  const name = properties[property];
  return typeof name === 'string' ? name : `${stack}-${id}`;
}

function digest({ stack, id }: Resource): string {
  return createHash('sha256').update(`${stack}/${id}`).digest('hex');
}
