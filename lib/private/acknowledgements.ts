import { Aspects, Validations } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** A finding of a rule pack that was reviewed, the places at which it may remain, and the reason. */
export interface Acknowledgement {
  /** Rule ids; a rule with several findings also needs the finding, in square brackets. */
  readonly ids: readonly string[];
  /** Pattern of construct paths below the vault. */
  readonly at: RegExp;
  readonly reason: string;
}

const FUNCTION = '(Migration/Function|Webhook/Function|Functions/[a-z]+)';
const FUNCTION_RESOURCE = new RegExp(`^${FUNCTION}/Function/Resource$`);
const INSTANCE = /^Database\/Cluster\/(Writer|Reader\d+)\/Resource$/;

/**
 * All reviewed findings of the rule packs; test/local/audit/nag.test.ts shows that each still occurs. They ship with
 * the constructs, so that the packs report nothing for a vault in any app. Each is at a construct inside the vault: an
 * acknowledgement outside would also silence the packs about other constructs.
 */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    ids: [
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
    ],
    at: /^Database\/Backup\/Role\/Resource$/,
    reason:
      'AWS Backup changes the calls that it makes with its releases and keeps this policy in step; a copy would lapse. Only backup.amazonaws.com assumes the role, and no key of the vault but the storage key admits it.',
  },
  {
    ids: ['AwsSolutions-IAM5[Resource::*]'],
    at: new RegExp(`^${FUNCTION}/Role/Permissions/Resource$`),
    reason:
      "Two groups of actions stand on all resources: Lambda's own making of network interfaces, which it checks on all resources before a function is made (a Deny keeps the function's code from them), and X-Ray's, which know no resources. Every key, log, secret and database user is named.",
  },
  {
    ids: ['HIPAA.Security-LambdaConcurrency', 'NIST.800.53.R5-LambdaConcurrency'],
    at: FUNCTION_RESOURCE,
    reason:
      'A young account has ten concurrent executions and none to reserve: a default would fail its first deploy. `reservedConcurrency` sets it, and throttling is alarmed meanwhile.',
  },
  {
    ids: ['HIPAA.Security-LambdaDLQ', 'NIST.800.53.R5-LambdaDLQ', 'Serverless-LambdaDLQ'],
    at: FUNCTION_RESOURCE,
    reason:
      'The functions answer synchronous calls: the caller holds the error. A dead-letter queue serves asynchronous calls alone, and would keep requests with sealed material in one more place; asynchronous retries are set to none. The one that a schedule invokes takes no request, raises an alarm when it fails, and runs again the next day.',
  },
  {
    ids: ['Serverless-LambdaAsyncFailureDestination'],
    at: /^(Migration|Webhook|Functions)\/.*EventInvokeConfig\/Resource$/,
    reason:
      'A destination would keep the request of a failed asynchronous call, with the sealed material in it, in one more place. Callers call synchronously and hold the error; a failed sweep raises an alarm.',
  },
  {
    ids: ['Serverless-EventBusDLQ'],
    at: /^(Migration\/Sweep|Watch\/Changes\/[A-Za-z]+)\/Resource$/,
    reason:
      'A queue of undelivered events would have to be watched like the rule itself. The rules lead to the alarm topic, or to the sweep, which runs again the next day; invocations that fail are alarmed.',
  },
  {
    ids: [
      'HIPAA.Security-LambdaConcurrency',
      'HIPAA.Security-LambdaDLQ',
      'HIPAA.Security-LambdaInsideVPC',
      'NIST.800.53.R4-LambdaInsideVPC',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
      'NIST.800.53.R5-LambdaInsideVPC',
      'PCI.DSS.321-LambdaInsideVPC',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaDefaultMemorySize',
      'Serverless-LambdaTracing',
    ],
    at: /^Database\/Guard\/Function\/Resource$/,
    reason:
      'CloudFormation calls this function at a deploy and waits for its answer, which is the only record that anyone needs of a failure. It reaches RDS and CloudFormation, to which the isolated network has no way, and it holds no material: it may change one cluster, and has no right on a key, a secret or a database user.',
  },
  {
    ids: ['AwsSolutions-APIG4'],
    at: /^Webhook\/Api\/POST--webhooks--dynamic\/Resource$/,
    reason:
      'Dynamic proves itself by an HMAC over the raw body, which no authorizer of API Gateway is given. The handler checks it in constant time before it reads anything else, the route is throttled, and refusals are alarmed.',
  },
  {
    ids: [
      'AwsSolutions-SMG4',
      'HIPAA.Security-SecretsManagerRotationEnabled',
      'NIST.800.53.R5-SecretsManagerRotationEnabled',
    ],
    at: /^Webhook\/SigningSecret\/Secret$/,
    reason:
      'Dynamic makes the signing secret, and a person carries it over: nothing on this side could make the next one. The previous version is accepted for 26 hours after a new one was put, so that it can be rotated without losing a delivery.',
  },
  {
    ids: [
      'HIPAA.Security-RDSEnhancedMonitoringEnabled',
      'NIST.800.53.R4-RDSEnhancedMonitoringEnabled',
      'NIST.800.53.R5-RDSEnhancedMonitoringEnabled',
    ],
    at: INSTANCE,
    reason:
      "Its log group belongs to the whole account, outside the storage key and the vault's retention. What the vault acts on, CPU, capacity, connections, storage and failed logins, is alarmed from Aurora's own metrics and log.",
  },
  {
    ids: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R4-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
    at: INSTANCE,
    reason:
      "The rule looks for instances; Aurora is backed up as a cluster, which the plan names. `dev` alone has no plan, since recovery points would keep it from being deleted; Aurora's own backups of 35 days stay on there.",
  },
];

/**
 * Acknowledges the reviewed findings at a vault's constructs at synthesis, actors included. Changes nothing without a
 * rule pack in the app.
 */
export function acknowledgeFindings(vault: Construct, acknowledgements = ACKNOWLEDGEMENTS): void {
  const prefix = vault.node.path.length + 1;
  Aspects.of(vault).add({
    visit: (construct) => {
      const path = construct.node.path.slice(prefix);
      for (const { ids, reason } of acknowledgements.filter(({ at }) => at.test(path))) {
        for (const id of ids) acknowledge(construct, id, reason);
      }
    },
  });
}

/** Ignores ids that older releases of the CDK refuse, those of one finding of several: the packs still report these. */
function acknowledge(construct: IConstruct, id: string, reason: string): void {
  try {
    Validations.of(construct).acknowledge({ id, reason });
  } catch (error) {
    if (!id.includes('[')) throw error;
  }
}
