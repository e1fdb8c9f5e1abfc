import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic';
import { ChangeAlarms } from './change-alarms';
import type { Migration } from './migration';
import { requireAlarmTopic } from './private/alarm-topic-checks';
import { allowAlarms } from './private/allow-alarms';
import { requireEnvironment } from './private/checks';
import type { Reseal } from './reseal';
import type { RestoreTesting } from './restore-testing';
import type { ShareDatabase } from './share-database';
import type { StorageKey } from './storage-key';
import type { TombstoneBucket } from './tombstone-bucket';
import { VaultAlarms } from './vault-alarms';
import { VaultDashboard } from './vault-dashboard';
import type { VaultFunctions } from './vault-functions';
import type { VaultKeys } from './vault-keys';
import type { VaultNetwork } from './vault-network';
import type { Webhook } from './webhook';

/** Props of `VaultWatch`. */
export interface VaultWatchProps {
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
  /** Functions of the vault. */
  readonly functions: VaultFunctions;
  /** Migration, which also runs every day. */
  readonly migration: Migration;

  /**
   * Webhook to watch.
   *
   * @default - none
   */
  readonly webhook?: Webhook;

  /**
   * Reseal to watch.
   *
   * @default - none
   */
  readonly reseal?: Reseal;

  /**
   * Restore testing to watch.
   *
   * @default - none
   */
  readonly restoreTesting?: RestoreTesting;

  /**
   * Bucket of tombstones to watch.
   *
   * @default - none
   */
  readonly tombstones?: TombstoneBucket;

  /**
   * Topic for alarms.
   *
   * @default - a topic of the vault's own
   */
  readonly alarmTopic?: sns.ITopic;
}

/** Monitoring of a vault: alarms on its operation and on changes to its protection, and a dashboard. */
export class VaultWatch extends Construct {
  /** Topic for the alarms. */
  public readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: VaultWatchProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    if (props.alarmTopic !== undefined) {
      requireAlarmTopic(this, props.alarmTopic);
      allowAlarms(props.alarmTopic);
    }
    this.topic = props.alarmTopic ?? new AlarmTopic(this, 'AlarmTopic', props).topic;
    const watched = { ...props, topic: this.topic };
    const receive = props.webhook ? [props.webhook.receive] : [];
    const { migration, reseal, restoreTesting } = props;
    const unattended = [migration, reseal, restoreTesting].flatMap((part) => (part ? [part.function] : []));
    const functions = [...Object.values(props.functions._byOperation), ...receive, ...unattended];
    const alarms = new VaultAlarms(this, 'Alarms', watched);
    new ChangeAlarms(this, 'Changes', { ...watched, functions });
    new VaultDashboard(this, 'Dashboard', { ...props, refusedUnseals: alarms.refusedUnseals });
  }
}
