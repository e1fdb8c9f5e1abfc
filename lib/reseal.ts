import { ArnFormat, Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IDependable } from 'constructs';
import { RESEAL_STEP_MINUTES } from '../lambda/contract/limits';
import { RESEAL_ALIAS } from '../lambda/contract/reseal-alias';
import type { FunctionOptions } from './function-options';
import {
  EXECUTION_READ,
  EXECUTION_START,
  EXECUTION_STOP,
  EXECUTIONS_LIST,
  FUNCTION_INVOKE,
  KEY_DESCRIBE,
  KEY_OPEN,
  KEY_SEAL,
} from './private/actions';
import { requireMembers, requireWholeNumber } from './private/checks';
import { grantActions } from './private/grant-invoke';
import { functionName, RESEAL_PATH } from './private/names';
import { LIMITS } from './private/patterns';
import { resealDefinition } from './private/reseal-definition';
import { VaultRole } from './private/vault-role';
import type { ResealOptions } from './reseal-options';
import type { ShareDatabase } from './share-database';
import type { StorageKey } from './storage-key';
import type { TombstoneBucket } from './tombstone-bucket';
import { VaultFunction } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';

/** Props of `Reseal`. */
export interface ResealProps extends FunctionOptions, ResealOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /** Keys of the vault. */
  readonly keys: VaultKeys;
  /** Constructs that must exist before a run. */
  readonly serveAfter: IDependable[];

  /**
   * Bucket of tombstones, which keeps receipts too.
   *
   * @default - receipts are in the database only
   */
  readonly tombstones?: TombstoneBucket;

  /**
   * Removal policy of the logs.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const NAME = 'reseal';
/** Timeout of the function: a step works for about five minutes, and then ends what it began. */
const TIMEOUT = Duration.minutes(RESEAL_STEP_MINUTES);

/**
 * Moves records to the share key's present material: after each rotation, on a schedule, and when an operator starts it.
 * A state machine calls a function until no record is left, and then lets it write a receipt. All progress is in the
 * database, so a run can be stopped, or started twice, at any time. The function is the only one that may both open and
 * seal. It returns counts only, and only the state machine's role may invoke it. After a rotation a run waits ten minutes:
 * KMS needs time until all its servers know the new material.
 */
export class Reseal extends Construct {
  /** Function that reseals. */
  public readonly function: VaultFunction;
  /** Name of the state machine. */
  public readonly stateMachineName: string;
  /** ARN of the state machine. */
  public readonly stateMachineArn: string;
  /** Rules that start a run. */
  public readonly rules: events.IRule[];
  /** @internal */
  public readonly _roles: readonly VaultRole[];
  private readonly machine: stepfunctions.CfnStateMachine;

  constructor(scope: Construct, id: string, props: ResealProps) {
    super(scope, id);
    const { environment, workers = 1 } = props;
    requireWholeNumber('workers', workers, LIMITS.workers.min, LIMITS.workers.max);
    if (props.schedule !== undefined) requireMembers('schedule', props.schedule, 'a Schedule', ['expressionString']);
    this.stateMachineName = functionName(environment, NAME);
    this.stateMachineArn = this.arn('stateMachine', this.stateMachineName);
    this.function = this.createFunction(props);
    this.grant(props);

    const runner = this.createRole('Role', `share vault ${environment}: runs reseals`, this.machineTrust());
    this.machine = this.createMachine(runner, this.function._createServiceAlias(RESEAL_ALIAS), workers);
    const starter = this.createRole(
      'StartRole',
      `share vault ${environment}: starts reseals`,
      new iam.ServicePrincipal('events.amazonaws.com'),
    );
    starter.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: [EXECUTION_START], resources: [this.stateMachineArn] }),
    );
    this._roles = [runner, starter];
    this.rules = this.createRules(props, starter);
  }

  /** Grants a grantee the right to start a run. */
  public grantStart(grantee: iam.IGrantable): iam.Grant {
    return grantActions(this, grantee, [EXECUTION_START], [this.stateMachineArn]);
  }

  /** Grants a grantee the right to stop a run. */
  public grantStop(grantee: iam.IGrantable): iam.Grant {
    return grantActions(this, grantee, [EXECUTION_STOP], [this.executionArns]);
  }

  /** Grants a grantee the right to read the state of runs: counts and errors. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    const list = grantActions(this, grantee, [EXECUTIONS_LIST], [this.stateMachineArn]);
    return list.combine(grantActions(this, grantee, [...EXECUTION_READ], [this.executionArns]));
  }

  private createFunction(props: ResealProps): VaultFunction {
    const records = props.keys._records;
    return new VaultFunction(this, 'Function', {
      ...props,
      // the state machine calls it, as often as it has workers
      reservedConcurrency: undefined,
      handler: NAME,
      databaseUser: 'vault_resealer',
      variables: { ...records.resealVariables(), ...props.tombstones?._variables },
      elsewhere: records.resealNeedsElsewhere,
      // `unseal` has all identities of `seal` and those of retiring keys
      outside: records.hasIdentity('unseal'),
      audiences: [...records.audiences('unseal')],
      timeout: TIMEOUT,
    });
  }

  /** Grants the function both uses of the share key, and the use of retiring keys to open. */
  private grant({ keys, network }: ResealProps): void {
    const { shareKey, shareKeyArns, openingKeyArns, retiring } = keys._records;
    const { role } = this.function;
    shareKey?.grantReseal(role);
    for (const key of retiring.inAws) key.grantUnseal(role);
    if (shareKeyArns.length > 0) {
      // of the account's administration: the call has no encryption context
      iam.Grant.addToPrincipal({ grantee: role, actions: [KEY_DESCRIBE], resourceArns: shareKeyArns });
    }
    network._allowCalls('kms', [role.roleArn], [KEY_SEAL, KEY_DESCRIBE], shareKeyArns);
    network._allowCalls('kms', [role.roleArn], [KEY_OPEN], openingKeyArns);
  }

  private createMachine(role: VaultRole, aliasArn: string, workers: number): stepfunctions.CfnStateMachine {
    role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: [FUNCTION_INVOKE], resources: [aliasArn] }));
    const stack = Stack.of(this);
    const task = { partition: stack.partition, aliasArn, timeoutSeconds: TIMEOUT.toSeconds() + 30 };
    const machine = new stepfunctions.CfnStateMachine(this, 'Machine', {
      stateMachineName: this.stateMachineName,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(resealDefinition(task, workers)),
    });
    machine.node.addDependency(role, this.function);
    return machine;
  }

  private createRules({ environment, keys, schedule }: ResealProps, role: VaultRole): events.IRule[] {
    const { shareKey } = keys._records;
    const machine = { arn: this.stateMachineArn, role };
    // the event of a rotation is the input: the machine waits, and the function requires the new material
    const event: events.IRuleTarget = { bind: () => machine };
    const nothing: events.IRuleTarget = { bind: () => ({ ...machine, input: events.RuleTargetInput.fromObject({}) }) };
    const rule = (
      id: string,
      about: string,
      target: events.IRuleTarget,
      when: Pick<events.RuleProps, 'eventPattern' | 'schedule'>,
    ): events.Rule => {
      const description = `share vault ${environment}: reseals records ${about}`;
      const made = new events.Rule(this, id, { description, targets: [target], ...when });
      made.node.addDependency(this.machine, role);
      return made;
    };
    const rotated = shareKey && {
      source: ['aws.kms'],
      detailType: ['KMS CMK Rotation'],
      detail: { 'key-id': [shareKey.keyId] },
    };
    return [
      ...(rotated ? [rule('Rotated', 'after a rotation of the share key', event, { eventPattern: rotated })] : []),
      ...(schedule ? [rule('Schedule', 'on a schedule', nothing, { schedule })] : []),
    ];
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
    return new VaultRole(this, id, { description, assumedBy, path: RESEAL_PATH });
  }

  private get executionArns(): string {
    return this.arn('execution', `${this.stateMachineName}:*`);
  }

  private arn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({
      service: 'states',
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
