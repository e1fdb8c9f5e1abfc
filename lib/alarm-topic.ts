import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { allowAlarms } from './private/allow-alarms';
import { requireEnvironment } from './private/checks';
import type { StorageKey } from './storage-key';

/** Props of `AlarmTopic`. */
export interface AlarmTopicProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;
}

/**
 * A topic for alarms, encrypted under the storage key. Only this account's alarms and event rules publish to it, over
 * TLS.
 */
export class AlarmTopic extends Construct {
  /** Topic for the alarms. */
  public readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    const topic = new sns.Topic(this, 'Topic', {
      displayName: `share vault ${props.environment}`,
      masterKey: props.storageKey.key,
      enforceSSL: true,
    });
    allowAlarms(topic);
    this.topic = topic;
  }
}
