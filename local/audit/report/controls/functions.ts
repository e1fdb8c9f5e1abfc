import { is, oneOf } from '../../checks/finding';
import { at } from '../../checks/template';
import type { Resource } from '../../checks/template';
import { controlsOf, property } from './control';

const FUNCTION = 'AWS::Lambda::Function';
const PERMISSION = 'AWS::Lambda::Permission';
const FUNCTION_STATE = 'aws lambda get-function-configuration --function-name NAME';
const isOwn = ({ properties }: Resource): boolean =>
  String(at(properties, 'FunctionName')).startsWith('share-vault-') && at(properties, 'VpcConfig') !== undefined;
const present = { expected: 'a value', holds: (value: unknown) => value !== undefined };

export const FUNCTION_CONTROLS = controlsOf('functions', [
  {
    id: 'function-callers',
    title: 'A function is called under the name of an actor, by a named caller, and by no URL or queue',
    standards: { hub: ['Lambda.1'] },
    looks: [
      property(PERMISSION, 'Principal'),
      property(PERMISSION, 'FunctionName'),
      property('AWS::Lambda::Alias', 'Name'),
    ],
    checks: ['permissionsNameAnAlias', 'permissionsNameTheirCaller', 'nothingElseCalls'],
    beyond: 'Identity policies of callers outside these templates, and permissions that were added after the deploy.',
    confirm: 'aws lambda get-policy --function-name NAME --qualifier ACTOR',
  },
  {
    id: 'function-runtime',
    title: 'Functions run on a supported runtime',
    standards: { hub: ['Lambda.2'], nag: ['AwsSolutions-L1'] },
    looks: [property(FUNCTION, 'Runtime', oneOf('nodejs24.x'))],
    checks: ['runtimesAreCurrent'],
    beyond: 'The patch version of the runtime that Lambda uses today.',
    confirm: FUNCTION_STATE,
  },
  {
    id: 'function-network',
    title: "Functions with key material run in the vault's isolated network, in two zones",
    standards: { hub: ['Lambda.3', 'Lambda.5'] },
    exceptions: [
      {
        ids: ['Lambda.3'],
        reason:
          'The deletion guard runs outside of the network, since it calls RDS and CloudFormation. It has no permission on a key, a secret or a database user.',
      },
    ],
    looks: [property(FUNCTION, 'VpcConfig.SubnetIds', present, isOwn), property(FUNCTION, 'VpcConfig.SecurityGroupIds', present, isOwn)], // prettier-ignore
    checks: ['functionsLiveInTheNetwork'],
    beyond: 'Routes of a network that other stacks change.',
    confirm: FUNCTION_STATE,
  },
  {
    id: 'function-variables',
    title: "Environment variables are encrypted under the vault's own key, and hold no secret",
    standards: {},
    looks: [property(FUNCTION, 'KmsKeyArn', present, isOwn)],
    checks: ['variablesAreEncrypted', 'variablesHoldNoSecret'],
    beyond: 'Variables that were changed after the deploy.',
    confirm: `${FUNCTION_STATE} (Environment, KMSKeyArn)`,
  },
  {
    id: 'function-queues',
    title: 'No call waits in a queue, and none is retried unnoticed',
    standards: {},
    looks: [property('AWS::Lambda::EventInvokeConfig', 'MaximumRetryAttempts', is(0)), property(FUNCTION, 'DeadLetterConfig', is(undefined), isOwn)], // prettier-ignore
    checks: ['callsAreNeverQueued'],
    beyond: 'Settings that were changed after the deploy.',
    confirm: 'aws lambda list-function-event-invoke-configs --function-name NAME',
  },
  {
    id: 'function-versions',
    title: 'Aliases serve a published version, after the migration of its schema',
    standards: {},
    looks: [property('AWS::Lambda::Alias', 'FunctionVersion', present)],
    checks: ['aliasesNameAVersion', 'aliasesWaitForMigrations', 'migrationsWaitForTheirWay', 'functionsWaitForTheirPolicy'], // prettier-ignore
    beyond:
      'The code in the archive: compare its hash (share-vault audit compares only what you give), or sign the code.',
    confirm: 'aws lambda get-function --function-name NAME (CodeSha256); docs/deploy.md: sign the code',
  },
  {
    id: 'function-logs',
    title:
      "Functions write traces, and logs to groups under the vault's key, kept for a year, in which secrets are masked",
    standards: {},
    looks: [
      property('AWS::Logs::LogGroup', 'KmsKeyId', present),
      property('AWS::Logs::LogGroup', 'RetentionInDays', is(365)),
      property('AWS::Logs::LogGroup', 'DataProtectionPolicy.Name', undefined, ({ properties }) => at(properties, 'DataProtectionPolicy') !== undefined), // prettier-ignore
      property(FUNCTION, 'LoggingConfig.LogGroup', present, isOwn),
    ],
    checks: ['functionsLogToTheirOwn', 'functionsAreTraced', 'logsAreEncrypted', 'logsAreKept', 'logsMaskSecrets'],
    beyond: 'What the lines contain. Tests search every line of a run for materials.',
    confirm: 'aws logs describe-log-groups --log-group-name-prefix /aws/lambda/share-vault',
  },
]);
