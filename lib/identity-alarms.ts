import { Stack } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { requireAlarmTopic } from './private/alarm-topic-checks';
import { allowAlarms } from './private/allow-alarms';
import { requireEnvironment, requireText } from './private/checks';
import { identityPrefixRule, identityRegion } from './private/identity-rules';
import { PATTERNS } from './private/patterns';
import { createWatchRule } from './private/watch-rule';
import { ruleWatchers } from './private/watcher-rules';

/** Props of `IdentityAlarms`. */
export interface IdentityAlarmsProps {
  /** Environment of the vault. */
  readonly environment: string;

  /**
   * Name of the vault's stack. The names of its roles and policies begin with it. For a vault in a nested stack, the
   * name of the outermost stack.
   */
  readonly vaultStackName: string;

  /** Topic in this region for the alarms. If it is encrypted, its key must let `events.amazonaws.com` use it. */
  readonly alarmTopic: sns.ITopic;
}

/** Characters of the stack's name that CloudFormation keeps to fit a role's name into 64. */
const STACK_NAME_CHARS = 24;

/**
 * Reports changes to the roles of a vault in another region, and to their policies. EventBridge receives IAM's events
 * in us-east-1 only (in GovCloud, us-gov-west-1): put this construct into a stack of that region, in the vault's
 * account.
 */
export class IdentityAlarms extends Construct {
  constructor(scope: Construct, id: string, props: IdentityAlarmsProps) {
    super(scope, id);
    const { environment, vaultStackName, alarmTopic } = props;
    requireEnvironment(environment);
    // a token would be a reference between stacks of two regions, and can't be shortened
    requireText('vaultStackName', vaultStackName, PATTERNS.stackName);
    const { region } = Stack.of(this);
    const home = identityRegion(region);
    if (home !== undefined && home !== region) {
      throw new Error(`region: expected ${home}, in which EventBridge receives IAM's events, got ${region}`);
    }
    requireAlarmTopic(this, alarmTopic);
    allowAlarms(alarmTopic);
    const short = vaultStackName.length <= STACK_NAME_CHARS;
    const prefix = short ? `${vaultStackName}-` : vaultStackName.slice(0, STACK_NAME_CHARS);
    for (const rule of [identityPrefixRule(prefix), ...ruleWatchers(environment, 'Identity')]) {
      createWatchRule(this, { environment, topic: alarmTopic }, rule);
    }
  }
}
