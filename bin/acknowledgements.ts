import { Validations, type Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule's finding that stands, where it stands, and why a reviewer may let it. */
export interface Acknowledgement {
  /** Rule ids; a rule with several findings needs the finding too, in square brackets. */
  readonly ids: readonly string[];
  /** Paths below the stack. Those that an environment doesn't have are passed over. */
  readonly at: readonly string[];
  readonly reason: string;
}

const FUNCTIONS = [
  'Vault/Migration/Function',
  'Vault/Webhook/Function',
  ...['seal', 'unseal', 'revoke', 'properties', 'audit'].map((name) => `Vault/Functions/${name}`),
];
const INSTANCES = ['Writer', 'Reader1'].map((name) => `Vault/Database/Cluster/${name}/Resource`);

/** Every finding of the rule packs that is let stand; test/audit/nag.test.ts shows that each one is met. */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    ids: [
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
    ],
    at: ['Vault/Database/Backup/Role/Resource'],
    reason:
      'AWS Backup changes the calls that it makes with its releases and keeps this policy in step; a copy would lapse. Only backup.amazonaws.com assumes the role, and no key of the vault but the storage key admits it.',
  },
  {
    ids: ['AwsSolutions-IAM5[Resource::*]'],
    at: FUNCTIONS.map((path) => `${path}/Role/Permissions/Resource`),
    reason:
      "Two groups of actions stand on all resources: Lambda's own making of network interfaces, which it checks on all resources before a function is made (a Deny keeps the function's code from them), and X-Ray's, which know no resources. Every key, log, secret and database user is named.",
  },
  {
    ids: ['HIPAA.Security-LambdaConcurrency', 'NIST.800.53.R5-LambdaConcurrency'],
    at: FUNCTIONS.map((path) => `${path}/Function/Resource`),
    reason:
      'A young account has ten concurrent executions and none to reserve: a default would fail its first deploy. `reservedConcurrency` sets it, and throttling is alarmed meanwhile.',
  },
  {
    ids: ['HIPAA.Security-LambdaDLQ', 'NIST.800.53.R5-LambdaDLQ'],
    at: FUNCTIONS.map((path) => `${path}/Function/Resource`),
    reason:
      'The functions answer synchronous calls: the caller holds the error. A dead-letter queue serves asynchronous calls alone, and would keep requests with sealed material in one more place; asynchronous retries are set to none. The one that a schedule invokes takes no request, raises an alarm when it fails, and runs again the next day.',
  },
  {
    ids: [
      'HIPAA.Security-LambdaConcurrency',
      'HIPAA.Security-LambdaDLQ',
      'HIPAA.Security-LambdaInsideVPC',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
      'NIST.800.53.R5-LambdaInsideVPC',
      'PCI.DSS.321-LambdaInsideVPC',
    ],
    at: ['Vault/Database/Guard/Function/Resource'],
    reason:
      'CloudFormation calls this function at a deploy and waits for its answer, which is the only record that anyone needs of a failure. It reaches RDS and CloudFormation, to which the isolated network has no way, and it holds no material: it may change one cluster, and has no right on a key, a secret or a database user.',
  },
  {
    ids: ['AwsSolutions-APIG4'],
    at: ['Vault/Webhook/Api/POST--webhooks--dynamic/Resource'],
    reason:
      'Dynamic proves itself by an HMAC over the raw body, which no authorizer of API Gateway is given. The handler checks it in constant time before it reads anything else, the route is throttled, and refusals are alarmed.',
  },
  {
    ids: [
      'AwsSolutions-SMG4',
      'HIPAA.Security-SecretsManagerRotationEnabled',
      'NIST.800.53.R5-SecretsManagerRotationEnabled',
    ],
    at: ['Vault/Webhook/SigningSecret/Secret'],
    reason:
      'Dynamic makes the signing secret, and a person carries it over: nothing on this side could make the next one. The previous version is accepted for 26 hours after a new one was put, so that it can be rotated without losing a delivery.',
  },
  {
    ids: ['HIPAA.Security-RDSEnhancedMonitoringEnabled', 'NIST.800.53.R5-RDSEnhancedMonitoringEnabled'],
    at: INSTANCES,
    reason:
      "Its log group belongs to the whole account, outside the storage key and the vault's retention. What the vault acts on, CPU, capacity, connections, storage and failed logins, is alarmed from Aurora's own metrics and log.",
  },
  {
    ids: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
    at: INSTANCES,
    reason:
      "The rule looks for instances; Aurora is backed up as a cluster, which the plan names. `dev` alone has no plan, since recovery points would keep it from being deleted; Aurora's own backups of 35 days stay on there.",
  },
];

/** Acknowledges on a stack's constructs what the list says of them. */
export function acknowledge(stack: Stack, acknowledgements = ACKNOWLEDGEMENTS): void {
  for (const { ids, at, reason } of acknowledgements) {
    for (const construct of at.map((path) => childAt(stack, path))) {
      if (construct) for (const id of ids) Validations.of(construct).acknowledge({ id, reason });
    }
  }
}

function childAt(stack: Stack, path: string): IConstruct | undefined {
  return path.split('/').reduce<IConstruct | undefined>((scope, id) => scope?.node.tryFindChild(id), stack);
}
