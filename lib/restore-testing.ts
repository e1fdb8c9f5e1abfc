import { Duration, type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IDependable } from 'constructs';
import { RESTORE_CHECK_ALIAS } from '../lambda/contract/restore-check-alias';
import type { FunctionOptions } from './function-options';
import { DATABASE_CONNECT, EXECUTION_START, KEY_OPEN, KEY_SEAL } from './private/actions';
import { refuse, requireDuration, requireMembers } from './private/checks';
import { functionName, RESTORE_TEST_PATH } from './private/names';
import { LIMITS } from './private/patterns';
import { createRestorePlan } from './private/restore-plan';
import { restoreTestDefinition } from './private/restore-test-definition';
import { allowRestoreTests } from './private/restore-test-role';
import { colonArn, deleterArn } from './private/restored-names';
import { VaultRole } from './private/vault-role';
import type { RestoreTestingOptions } from './restore-testing-options';
import type { ShareDatabase } from './share-database';
import type { ShareKey } from './share-key';
import type { StorageKey } from './storage-key';
import { VaultFunction } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';

/** Props of `RestoreTesting`. */
export interface RestoreTestingProps extends FunctionOptions, RestoreTestingOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Database of the vault, with a backup plan. */
  readonly database: ShareDatabase;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /** Keys of the vault, with a share key in AWS KMS. */
  readonly keys: VaultKeys;
  /** Constructs that must exist before the function is called. */
  readonly serveAfter: IDependable[];

  /**
   * Removal policy of the logs.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Name of the state machine, and of the handler. */
const MACHINE = 'restore-test';
const HANDLER = 'restore-check';
const DATABASE_USER = 'vault_restore_checker';
/** Timeout of the function: it reads every log's chain of the restored database. */
const TIMEOUT = Duration.minutes(10);

/**
 * Shows that the newest daily backup can be restored and its records opened. AWS Backup restores it once a week into a
 * cluster without an instance. A state machine then creates an instance, lets a function check the database (counts, the heads
 * of its logs, and a canary, the vault's own record, sealed anew every day), deletes the instance, and
 * reports the result to AWS Backup. That deletes the cluster. The function opens canaries only, no record of a wallet.
 */
export class RestoreTesting extends Construct {
  /** Name of the plan, as AWS Backup lists it. */
  public readonly planName: string;
  /** Function that seals canaries and checks restored databases. */
  public readonly function: VaultFunction;
  /** Name of the state machine. */
  public readonly stateMachineName: string;
  /** ARN of the state machine. */
  public readonly stateMachineArn: string;
  /** Rules that start a check, and that renew the canary. */
  public readonly rules: events.IRule[];
  /** @internal */
  public readonly _roles: readonly VaultRole[];
  /**
   * ARNs of the roles that change copies in each test
   *
   * @internal
   */
  public readonly _copierArns: readonly string[];

  constructor(scope: Construct, id: string, props: RestoreTestingProps) {
    super(scope, id);
    const { environment, database, storageKey, validationWindow = Duration.hours(24) } = props;
    const scheduleExpression = scheduleOf(props.schedule);
    requireDuration('validationWindow', validationWindow, 'hours', LIMITS.validationHours);
    const { backupVaultName } = database;
    if (backupVaultName === undefined) {
      throw new Error(
        'restoreTesting: expected a backupPlan together with it, got none: there is no backup to restore',
      );
    }
    const { shareKey } = props.keys._records;
    if (shareKey === undefined) {
      throw new Error(
        'restoreTesting: expected a share key in AWS KMS, got an ExternalKey: the canary is sealed there',
      );
    }
    const plan = createRestorePlan(this, {
      ...{ environment, database, storageKey, backupVaultName, scheduleExpression },
      validationHours: validationWindow.toHours(),
    });
    this.planName = plan.restoreTestingPlanName;
    this.stateMachineName = functionName(environment, MACHINE);
    this.stateMachineArn = colonArn(this, 'states', 'stateMachine', this.stateMachineName);
    this.function = this.createFunction(props);
    this.grant(props, shareKey);

    const runner = this.createRole(
      'MachineRole',
      `share vault ${environment}: runs restore tests`,
      this.machineTrust(),
    );
    const starter = this.createRole(
      'StartRole',
      `share vault ${environment}: starts restore tests`,
      new iam.ServicePrincipal('events.amazonaws.com'),
    );
    starter.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: [EXECUTION_START], resources: [this.stateMachineArn] }),
    );
    this._roles = [runner, starter];
    this._copierArns = [runner.roleArn, deleterArn(this)];
    const aliasArn = this.function._createServiceAlias(RESTORE_CHECK_ALIAS);
    allowRestoreTests(this, runner, { database, storageKey, aliasArn });
    const machine = this.createMachine(runner, aliasArn, plan.attrRestoreTestingPlanArn);
    this.rules = [
      this.startAfterRestores(environment, plan.attrRestoreTestingPlanArn, machine, starter),
      this.keepCanary(environment, aliasArn),
    ];
  }

  private createFunction(props: RestoreTestingProps): VaultFunction {
    return new VaultFunction(this, 'Function', {
      ...props,
      // the state machine and a schedule call it, rarely at once
      reservedConcurrency: undefined,
      handler: HANDLER,
      databaseUser: DATABASE_USER,
      variables: props.keys._records.restoreCheckVariables(),
      timeout: TIMEOUT,
    });
  }

  /**
   * Grants the function the share key for canaries, retiring keys to open those of earlier backups, and the login to restored
   * clusters: their ids are unknown before a test.
   */
  private grant({ network, keys }: RestoreTestingProps, shareKey: ShareKey): void {
    const { role } = this.function;
    const { openingKeyArns, retiring } = keys._records;
    shareKey.grantRestoreCheck(role);
    for (const key of retiring.inAws) key.grantOpenCanary(role);
    network._allowCalls('kms', [role.roleArn], [KEY_SEAL], [shareKey.keyArn]);
    network._allowCalls('kms', [role.roleArn], [KEY_OPEN], openingKeyArns);
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid: 'AllowLoginToRestored',
        actions: [DATABASE_CONNECT],
        resources: [colonArn(this, 'rds-db', 'dbuser', `*/${DATABASE_USER}`)],
      }),
    );
  }

  private createMachine(role: VaultRole, aliasArn: string, planArn: string): stepfunctions.CfnStateMachine {
    const stack = Stack.of(this);
    const parts = { partition: stack.partition, aliasArn, planArn, timeoutSeconds: TIMEOUT.toSeconds() + 30 };
    const machine = new stepfunctions.CfnStateMachine(this, 'Machine', {
      stateMachineName: this.stateMachineName,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(restoreTestDefinition(parts)),
    });
    machine.node.addDependency(role, this.function);
    return machine;
  }

  /** Starts the state machine after each restore of the plan. */
  private startAfterRestores(
    environment: string,
    planArn: string,
    machine: stepfunctions.CfnStateMachine,
    role: VaultRole,
  ): events.IRule {
    const target: events.IRuleTarget = { bind: () => ({ arn: this.stateMachineArn, role }) };
    const rule = new events.Rule(this, 'Restored', {
      description: `share vault ${environment}: checks the database that a restore test made`,
      eventPattern: {
        source: ['aws.backup'],
        detailType: ['Restore Job State Change'],
        detail: { status: ['COMPLETED'], restoreTestingPlanArn: [planArn] },
      },
      targets: [target],
    });
    rule.node.addDependency(machine, role);
    return rule;
  }

  /** Renews the canary every day, an hour before the daily backup. */
  private keepCanary(environment: string, arn: string): events.IRule {
    const input = events.RuleTargetInput.fromObject({ action: 'keep' });
    const target: events.IRuleTarget = { bind: () => ({ arn, input, retryPolicy: { maximumRetryAttempts: 0 } }) };
    const rule = new events.Rule(this, 'Canary', {
      description: `share vault ${environment}: seals a canary for the next backup`,
      schedule: events.Schedule.cron({ hour: '4', minute: '0' }),
      targets: [target],
    });
    this.function._allowService(RESTORE_CHECK_ALIAS, 'events', rule.ruleArn, this.function);
    return rule;
  }

  /** Lets Step Functions assume the role for this machine only. */
  private machineTrust(): iam.IPrincipal {
    return new iam.ServicePrincipal('states.amazonaws.com', {
      conditions: {
        ArnEquals: { 'aws:SourceArn': this.stateMachineArn },
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      },
    });
  }

  private createRole(id: string, description: string, assumedBy: iam.IPrincipal): VaultRole {
    return new VaultRole(this, id, { description, assumedBy, path: RESTORE_TEST_PATH });
  }
}

/** Returns the expression of a schedule. Throws for a rate: AWS Backup refuses it. */
function scheduleOf(schedule = events.Schedule.cron({ weekDay: 'SUN', hour: '12', minute: '0' })): string {
  requireMembers('schedule', schedule, 'a Schedule', ['expressionString']);
  const { expressionString } = schedule;
  const known = Token.isUnresolved(expressionString) || expressionString.startsWith('cron(');
  return known ? expressionString : refuse('schedule', 'a cron expression', expressionString);
}
