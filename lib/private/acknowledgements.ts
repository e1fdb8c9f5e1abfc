import { Aspects, Stack, Token, Validations } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { BODY_PREFIX } from '../../lambda/contract/elsewhere';
import type { TombstoneBucket } from '../tombstone-bucket';
import type { Acknowledgement } from './acknowledgement';
import { restoreAcknowledgements } from './restore-acknowledgements';
import { tombstoneAcknowledgements } from './tombstone-acknowledgements';

const FUNCTION = '(Migration/Function|Reseal/Function|RestoreTesting/Function|Webhook/Function|Functions/[a-z]+)';
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
      'AWS Backup makes other calls with new releases and updates this policy; a copy would become outdated. Only backup.amazonaws.com assumes the role, and the storage key is the only key of the vault that it can use.',
  },
  {
    ids: ['AwsSolutions-IAM5[Resource::*]'],
    at: new RegExp(`^${FUNCTION}/Role/Permissions/Resource$`),
    reason:
      "Actions that support no resources are allowed on all: X-Ray's, and only with keys or bodies elsewhere, web identity tokens and the list of secrets, both under conditions. So is Lambda's own creation of network interfaces, which it checks on all resources before a function is created (a Deny refuses them to the function's code). Every key, log, secret and database user is named.",
  },
  {
    ids: ['HIPAA.Security-LambdaConcurrency', 'NIST.800.53.R5-LambdaConcurrency'],
    at: FUNCTION_RESOURCE,
    reason:
      "The functions that callers invoke reserve their share of the database's connections, except in `dev` or with `reserveConcurrency: false`: a new account has ten concurrent executions and none to reserve. Migration, reseal and restore tests are called by the vault itself, one at a time or as often as there are workers. Throttling raises an alarm.",
  },
  {
    ids: ['HIPAA.Security-LambdaDLQ', 'NIST.800.53.R5-LambdaDLQ', 'Serverless-LambdaDLQ'],
    at: FUNCTION_RESOURCE,
    reason:
      'The functions serve synchronous calls: the caller gets the error. A dead-letter queue only serves asynchronous calls, and would store requests with sealed material in one more place; asynchronous retries are set to zero. The function that a schedule invokes has no request, raises an alarm if it fails, and runs again the next day.',
  },
  {
    ids: ['Serverless-LambdaAsyncFailureDestination'],
    at: /^(Migration|Reseal|RestoreTesting|Webhook|Functions)\/.*EventInvokeConfig\/Resource$/,
    reason:
      'A destination would store the request of a failed asynchronous call, with its sealed material, in one more place. Callers call synchronously and get the error; a failed sweep raises an alarm.',
  },
  {
    ids: ['Serverless-EventBusDLQ'],
    at: /^(Migration\/Sweep|Reseal\/(Rotated|Schedule)|RestoreTesting\/(Restored|Canary)|Watch\/Changes\/[A-Za-z]+\d*|Watch\/Alarms\/RestoreFailures)\/Resource$/,
    reason:
      'A queue of undelivered events would need monitoring like the rule itself. The targets of the rules are the alarm topic, the sweep, which runs again the next day, and the reseal, which continues where the last run ended; failed invocations raise an alarm.',
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
      "CloudFormation calls this function at a deploy and waits for its result, which is a sufficient record of a failure. It calls RDS and CloudFormation, which the isolated network can't reach, and it has no material: it may change one cluster, and has no permission on a key, a secret or a database user.",
  },
  {
    ids: ['AwsSolutions-SF1', 'AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'],
    at: /^(Reseal|RestoreTesting)\/Machine$/,
    reason:
      "A log of executions needs a role that may change the policies of all log groups, and traces one that may write any trace. The function's own log and traces have each step, receipts are in the database, and a run that fails, ends early or is stopped raises an alarm.",
  },
  {
    ids: ['AwsSolutions-APIG4'],
    at: /^Webhook\/Api\/POST--webhooks--dynamic\/Resource$/,
    reason:
      'Dynamic authenticates by an HMAC over the raw body, and API Gateway passes no authorizer the body. The handler checks the HMAC in constant time before it reads anything else, the route is throttled, and refusals raise an alarm.',
  },
  {
    ids: [
      'AwsSolutions-SMG4',
      'HIPAA.Security-SecretsManagerRotationEnabled',
      'NIST.800.53.R5-SecretsManagerRotationEnabled',
    ],
    at: /^Webhook\/SigningSecret\/Secret$/,
    reason:
      'Dynamic creates the signing secret, and a person copies it: the vault could not create the next one. The previous version is accepted for 26 hours after a new one is stored, so that a rotation loses no delivery.',
  },
  {
    ids: [
      'HIPAA.Security-RDSEnhancedMonitoringEnabled',
      'NIST.800.53.R4-RDSEnhancedMonitoringEnabled',
      'NIST.800.53.R5-RDSEnhancedMonitoringEnabled',
    ],
    at: INSTANCE,
    reason:
      "Its log group belongs to the whole account, outside the storage key and the vault's retention. CPU, capacity, connections, storage and failed logins have alarms on Aurora's own metrics and log.",
  },
  {
    ids: ['HIPAA.Security-RDSInBackupPlan', 'NIST.800.53.R4-RDSInBackupPlan', 'NIST.800.53.R5-RDSInBackupPlan'],
    at: INSTANCE,
    reason:
      "The rule checks instances; Aurora is backed up as a cluster, which the plan names. Only `dev` has no plan, since recovery points would prevent its deletion; Aurora's own backups of 35 days remain enabled there.",
  },
];

/** The reviewed findings of the ways out of a network, which only vaults with keys or stores outside AWS have. */
export const EGRESS_ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    ids: [
      'HIPAA.Security-VPCNoUnrestrictedRouteToIGW',
      'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW',
      'PCI.DSS.321-VPCNoUnrestrictedRouteToIGW',
    ],
    at: /^Network\/Egress\/Nat\d\/DefaultRoute$/,
    reason:
      'A NAT gateway needs this route, and is the only thing in its subnet. No connection can come in through it. Functions are in other subnets, from which the only route leads to the firewall, or to the NAT gateway if the owner chose one without a firewall.',
  },
];

/** Returns the reviewed findings of a vault that keeps bodies in Secrets Manager: the packs name the vault's own secrets. */
export function bodyAcknowledgements(vault: Vault): readonly Acknowledgement[] {
  const { partition, region, account } = Stack.of(vault);
  const named = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  const place = `${named(region, 'Region')}:${named(account, 'AccountId')}`;
  const arn = `arn:${named(partition, 'Partition')}:secretsmanager:${place}:secret:${BODY_PREFIX.path(vault.environment)}*`;
  return [
    {
      ids: [`AwsSolutions-IAM5[Resource::${arn}]`],
      at: /^(Migration\/Function|Webhook\/Function|Functions\/(seal|unseal|revoke))\/Role\/Permissions\/Resource$/,
      reason:
        "Each record has a secret of its own, whose name is known only once the record exists. The prefix is this vault's own, each function has only the one action that it needs there, and only inside itself.",
    },
  ];
}

/** A vault with the name of its environment. */
interface Vault extends Construct {
  readonly environment: string;
}

/**
 * Acknowledges the reviewed findings at a vault's constructs at synthesis, actors included. Changes nothing without a
 * rule pack in the app.
 */
export function acknowledgeFindings(
  vault: Vault,
  {
    hasBodies,
    tombstones,
    testsRestores,
  }: {
    readonly hasBodies: boolean;
    readonly tombstones: TombstoneBucket | undefined;
    readonly testsRestores: boolean;
  },
): void {
  const prefix = vault.node.path.length + 1;
  const bodies = hasBodies ? bodyAcknowledgements(vault) : [];
  const bucket = tombstones ? tombstoneAcknowledgements(tombstones) : [];
  const restores = testsRestores ? restoreAcknowledgements(vault) : [];
  const acknowledgements = [...ACKNOWLEDGEMENTS, ...EGRESS_ACKNOWLEDGEMENTS, ...bodies, ...bucket, ...restores];
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
