import { Annotations, Stack } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Migration } from './migration';
import { requireEnvironment } from './private/checks';
import { egressRules } from './private/egress-rules';
import { identityRegion, identityRules } from './private/identity-rules';
import { databaseRules, endpointRules } from './private/storage-rules';
import {
  bucketRules,
  functionRules,
  keyRules,
  retiringKeyRules,
  resealRules,
  restoreTestRules,
  webhookRules,
} from './private/vault-rules';
import type { VaultRole } from './private/vault-role';
import { type WatchRule, createWatchRule } from './private/watch-rule';
import { pathWatchers, ruleWatchers } from './private/watcher-rules';
import type { Reseal } from './reseal';
import type { RestoreTesting } from './restore-testing';
import type { ShareDatabase } from './share-database';
import type { StorageKey } from './storage-key';
import type { TombstoneBucket } from './tombstone-bucket';
import type { VaultFunction } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';
import type { Webhook } from './webhook';

/** Props of `ChangeAlarms`. */
export interface ChangeAlarmsProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Topic for the alarms. */
  readonly topic: sns.ITopic;
  /** Keys of the vault. */
  readonly keys: VaultKeys;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
  /** Functions of the vault. */
  readonly functions: VaultFunction[];
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Network of the vault. */
  readonly network: VaultNetwork;
  /** Migration of the vault. */
  readonly migration: Migration;

  /**
   * @default - none
   */
  readonly webhook?: Webhook;

  /**
   * Reseal of the vault.
   *
   * @default - none
   */
  readonly reseal?: Reseal;

  /**
   * Restore testing of the vault.
   *
   * @default - none
   */
  readonly restoreTesting?: RestoreTesting;

  /**
   * Bucket of tombstones of the vault.
   *
   * @default - none
   */
  readonly tombstones?: TombstoneBucket;
}

/** Id of the warning, for `Annotations.of(vault).acknowledgeWarning(…)` once `IdentityAlarms` watches the roles. */
const IDENTITY_WARNING = 'cdk-share-vault:identityAlarms';

/**
 * Reports changes by which an administrator could reach material, redirect or forge deliveries, lose or copy the
 * database, or silence the alarms. The events come from CloudTrail: the account needs a trail with management events. A
 * vault's own deploys are reported too. EventBridge receives IAM's events in us-east-1 only: in other regions,
 * `IdentityAlarms` watches roles and policies.
 */
export class ChangeAlarms extends Construct {
  constructor(scope: Construct, id: string, props: ChangeAlarmsProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    const { environment, topic, keys, storageKey, database, network, webhook, reseal, tombstones } = props;
    const machines = [reseal, props.restoreTesting].flatMap((machine) => machine ?? []);
    const started = machines.flatMap(({ rules }) => rules);
    const logGroups = [`${Stack.of(this).stackName}-*`, `/aws/rds/cluster/${database.clusterIdentifier}/*`];
    const watched = [
      ...keyRules(keys, storageKey),
      ...retiringKeyRules(keys, openersOf(props.functions)),
      ...functionRules(environment),
      ...this.identityRules(
        props.functions,
        database,
        machines.flatMap(({ _roles }) => _roles),
      ),
      ...databaseRules(database),
      ...(network.ownsEndpoints ? endpointRules() : []),
      ...(network._places.watch ? egressRules(environment, network._places.watch) : []),
      ...(webhook ? webhookRules(webhook, keys) : []),
      ...(reseal ? resealRules(reseal.stateMachineArn) : []),
      ...(props.restoreTesting
        ? restoreTestRules(props.restoreTesting.stateMachineArn, props.restoreTesting._copierArns)
        : []),
      ...(tombstones ? bucketRules(tombstones.bucket.bucketName) : []),
      ...pathWatchers(topic, logGroups),
      ...ruleWatchers(
        environment,
        '',
        [props.migration.sweep, ...started].map(({ ruleName }) => ruleName),
      ),
    ];
    for (const rule of watched) createWatchRule(this, props, rule);
  }

  /**
   * Warns in other regions: a rule on IAM's events would never match there. A region that is a token may be the right
   * one.
   */
  private identityRules(
    functions: readonly VaultFunction[],
    { _guard }: ShareDatabase,
    others: readonly VaultRole[],
  ): readonly WatchRule[] {
    const { region } = Stack.of(this);
    const home = identityRegion(region);
    if (home === undefined) {
      const problem =
        "changes to the vault's roles raise an alarm in us-east-1 only; elsewhere, add IdentityAlarms there";
      Annotations.of(this).addInfoV2(IDENTITY_WARNING, problem);
    } else if (home !== region) {
      const instead = `expected IdentityAlarms in a stack of ${home}, where EventBridge receives IAM's events`;
      const problem = `changes to the vault's roles raise no alarm in ${region}: ${instead}`;
      Annotations.of(this).addWarningV2(IDENTITY_WARNING, problem);
      return [];
    }
    const further = [...others, ...(_guard ? [_guard._role] : [])];
    return identityRules(
      [...functions.map((fn) => fn.role), ...further].map(({ roleName }) => roleName),
      [...functions.map((fn) => fn._policyArn), ...further.map(({ policyArn }) => policyArn)],
    );
  }
}

/** Returns the ARNs of the roles that may open with share keys. */
function openersOf(functions: readonly VaultFunction[]): readonly string[] {
  return functions
    .filter(({ handler }) => ['reseal', 'restore-check', 'unseal'].includes(handler))
    .map(({ role }) => role.roleArn);
}
