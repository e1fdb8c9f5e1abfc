import { add, drop, remove, set } from '../../../support/mutate';
import type { Defect } from './defect';

const UNSEAL = 'VaultFunctionsunsealFunction';
const ALIAS = 'VaultFunctionsunsealActorbackend';
const LOG = 'VaultFunctionsunsealLog';
const permission = (functionName: string, principal: string) =>
  add('Permission', 'AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}`,
    Principal: principal,
  });

/** Functions, aliases and logs. */
export const FUNCTION_DEFECTS: readonly Defect[] = [
  {
    defect: 'a runtime is past its end',
    mutation: set(UNSEAL, ['Properties', 'Runtime'], 'nodejs20.x'),
    caughtBy: { runtimesAreCurrent: [UNSEAL] },
  },
  {
    defect: 'a function is outside the network',
    mutation: remove(UNSEAL, ['Properties', 'VpcConfig']),
    caughtBy: { functionsLiveInTheNetwork: [UNSEAL, UNSEAL] },
  },
  {
    defect: "a function's variables are under AWS's key",
    mutation: remove(UNSEAL, ['Properties', 'KmsKeyArn']),
    caughtBy: { variablesAreEncrypted: [UNSEAL] },
  },
  {
    defect: 'a password stands in a variable',
    mutation: set(UNSEAL, ['Properties', 'Environment', 'Variables', 'DB_PASSWORD'], 'a word'),
    caughtBy: { variablesHoldNoSecret: [UNSEAL] },
  },
  {
    defect: 'a function leaves no traces',
    mutation: set(UNSEAL, ['Properties', 'TracingConfig', 'Mode'], 'PassThrough'),
    caughtBy: { functionsAreTraced: [UNSEAL] },
  },
  {
    defect: 'a function logs where Lambda likes',
    mutation: remove(UNSEAL, ['Properties', 'LoggingConfig']),
    caughtBy: { functionsLogToTheirOwn: [UNSEAL] },
  },
  {
    defect: 'an alias tries again behind the caller',
    mutation: drop(`${ALIAS}EventInvokeConfig`),
    caughtBy: { callsAreNeverQueued: [ALIAS] },
  },
  {
    defect: 'failed calls lie in a queue',
    mutation: set(UNSEAL, ['Properties', 'DeadLetterConfig'], { TargetArn: 'arn:aws:sqs:::queue' }),
    caughtBy: { callsAreNeverQueued: [UNSEAL] },
  },
  {
    defect: 'a function has a URL',
    mutation: add('Url', 'AWS::Lambda::Url', { AuthType: 'NONE' }),
    caughtBy: { nothingElseCalls: ['Url'] },
  },
  {
    defect: 'everyone may invoke an actor',
    mutation: permission('share-vault-prod-unseal:backend', '*'),
    caughtBy: { permissionsNameTheirCaller: ['Permission'] },
  },
  {
    defect: 'an account may invoke the function without an actor',
    mutation: permission('share-vault-prod-unseal', '210987654321'),
    caughtBy: { permissionsNameAnAlias: ['Permission'] },
  },
  {
    defect: 'an alias serves before the migrations',
    mutation: remove(ALIAS, ['DependsOn', (id) => String(id).includes('Trigger')]),
    caughtBy: { aliasesWaitForMigrations: [ALIAS] },
  },
  {
    defect: 'an alias serves whatever is newest',
    mutation: set(ALIAS, ['Properties', 'FunctionVersion'], '$LATEST'),
    caughtBy: { aliasesNameAVersion: [ALIAS] },
  },
  {
    defect: 'migrations run before the writer is up',
    mutation: remove('VaultMigrationTrigger', [
      'DependsOn',
      (id) => String(id).startsWith('VaultDatabaseClusterWriter'),
    ]),
    caughtBy: { migrationsWaitForTheirWay: ['VaultMigrationTrigger'] },
  },
  {
    defect: 'a function is made before it may have interfaces',
    mutation: remove(UNSEAL, ['DependsOn', (id) => String(id).includes('Permissions')]),
    caughtBy: { functionsWaitForTheirPolicy: [UNSEAL] },
  },
  {
    defect: 'a log is not encrypted',
    mutation: remove(LOG, ['Properties', 'KmsKeyId']),
    caughtBy: { logsAreEncrypted: [LOG] },
  },
  {
    defect: 'a log is kept for ever',
    mutation: remove(LOG, ['Properties', 'RetentionInDays']),
    caughtBy: { logsAreKept: [LOG] },
  },
  {
    defect: 'a log shows what should never be in it',
    mutation: remove(LOG, ['Properties', 'DataProtectionPolicy']),
    caughtBy: { logsMaskSecrets: [LOG] },
  },
];
