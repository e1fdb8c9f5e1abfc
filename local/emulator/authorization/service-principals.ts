import { AuthorizationError } from './errors';

/** The condition keys that an AWS service sends with one kind of call on its own behalf. */
interface ServiceCall {
  /** `events`, or `logs.REGION` if the service's name includes the region */
  readonly service: string;
  /** IAM actions, exact or with `*` at the end */
  readonly actions: readonly string[];
  /** condition keys in addition to `GLOBAL_KEYS`; empty if the documentation names none */
  readonly keys: readonly string[];
  /** the AWS document that describes the call */
  readonly source: string;
}

const SOURCE = ['aws:SourceArn', 'aws:SourceAccount'];
const TOPIC = 'kms:EncryptionContext:aws:sns:topicArn';

/** The service principals that policies trust, with the condition keys that they send. */
export const SERVICE_PRINCIPALS: readonly ServiceCall[] = [
  {
    service: 'cloudwatch',
    actions: ['sns:Publish'],
    keys: SOURCE,
    source: 'CloudWatch User Guide, "Notifying users on alarm changes"',
  },
  {
    service: 'cloudwatch',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    keys: [...SOURCE, TOPIC],
    source: 'SNS Developer Guide, "Managing Amazon SNS encryption keys and costs"',
  },
  {
    service: 'events',
    actions: ['sns:Publish'],
    keys: [],
    source: 'EventBridge User Guide, "Using resource-based policies", Amazon SNS permissions',
  },
  {
    service: 'events',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    keys: [TOPIC],
    source: 'SNS Developer Guide, "Managing Amazon SNS encryption keys and costs"',
  },
  {
    service: 'events',
    actions: ['lambda:InvokeFunction'],
    keys: ['aws:SourceArn'],
    source: 'EventBridge User Guide, "Using resource-based policies", AWS Lambda permissions',
  },
  {
    service: 'apigateway',
    actions: ['lambda:InvokeFunction'],
    keys: ['aws:SourceArn'],
    source: 'API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs"',
  },
  {
    service: 'logs.REGION',
    actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 'kms:DescribeKey'],
    keys: ['kms:EncryptionContext:aws:logs:arn'],
    source: 'CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS"',
  },
  {
    service: 'lambda',
    actions: ['sts:AssumeRole'],
    keys: [],
    source: 'Lambda Developer Guide, "Defining Lambda function permissions with an execution role"',
  },
  {
    service: 'states',
    actions: ['sts:AssumeRole'],
    keys: SOURCE,
    source: 'Step Functions Developer Guide, "Creating an IAM role for your state machine in Step Functions"',
  },
  {
    service: 'events',
    actions: ['sts:AssumeRole'],
    keys: [],
    source: 'EventBridge User Guide, "Using identity-based policies", IAM roles for targets',
  },
  {
    service: 'backup',
    actions: ['sts:AssumeRole'],
    keys: [],
    source: 'AWS Backup Developer Guide, "IAM service roles"',
  },
  {
    service: 'vpc-flow-logs',
    actions: ['sts:AssumeRole'],
    keys: SOURCE,
    source: 'VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"',
  },
  {
    service: 'ecs-tasks',
    actions: ['sts:AssumeRole'],
    keys: SOURCE,
    source: 'ECS Developer Guide, "Amazon ECS task IAM role"',
  },
];

/** The keys in every service's requests. Source: IAM User Guide, "AWS global condition context keys". */
const GLOBAL_KEYS: readonly string[] = [
  'aws:PrincipalIsAWSService',
  'aws:PrincipalServiceName',
  'aws:SecureTransport',
  'aws:RequestedRegion',
  'aws:ViaAWSService',
  'aws:CurrentTime',
  'aws:EpochTime',
];

/** The keys in every request that has an encryption context. */
const ENCRYPTION_CONTEXT_KEYS: readonly string[] = ['kms:EncryptionContextKeys', 'kms:EncryptionAlgorithm'];

/** Returns the keys, in lower case, that a service sends with an action. Throws `RequestInvalid` if no row matches. */
export function keysSentBy(principal: string, action: string): ReadonlySet<string> {
  const row = SERVICE_PRINCIPALS.find(
    ({ service, actions }) =>
      matchesService(principal, service) && actions.some((pattern) => matchesAction(pattern, action)),
  );
  if (row === undefined) {
    const message = `expected a call that service-principals.ts has for ${principal}, got ${action}`;
    throw new AuthorizationError('RequestInvalid', message);
  }
  const pairs = row.keys.some((key) => key.startsWith('kms:EncryptionContext:')) ? ENCRYPTION_CONTEXT_KEYS : [];
  return new Set([...GLOBAL_KEYS, ...row.keys, ...pairs].map((key) => key.toLowerCase()));
}

/**
 * Throws `RequestInvalid` if the service doesn't send one of the keys. AWS itself adds those of the resource's tags.
 */
export function requireSent(principal: string, action: string, keys: readonly string[]): void {
  const sent = keysSentBy(principal, action);
  const foreign = keys.filter((key) => !sent.has(key.toLowerCase()) && !/^aws:ResourceTag\//i.test(key));
  if (foreign.length === 0) return;
  const message = `${action}: expected condition keys that ${principal} sends, got ${foreign.join(', ')}`;
  throw new AuthorizationError('RequestInvalid', message);
}

function matchesService(principal: string, service: string): boolean {
  const name = service.replace('REGION', '[a-z]{2}(?:-[a-z]+)+-\\d').replaceAll('.', '\\.');
  return new RegExp(`^${name}\\.amazonaws\\.com(?:\\.cn)?$`).test(principal);
}

function matchesAction(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
