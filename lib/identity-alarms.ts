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

export interface IdentityAlarmsProps {
  /** The vault's environment. */
  readonly environment: string;

  /**
   * Name of the vault's stack, with which CloudFormation begins the names of its roles and policies. For a vault in a
   * nested stack, the name of the outermost one.
   */
  readonly vaultStackName: string;

  /** Topic of this region that the alarms go to. If it is encrypted, its key must let `events.amazonaws.com` use it. */
  readonly alarmTopic: sns.ITopic;
}

/** CloudFormation shortens a stack's name to fit a role's 64 characters; this much of it is left. */
const STACK_NAME_CHARS = 24;

/**
 * Reports changes to the roles of a vault in another region, and to their policies. IAM's events reach EventBridge in
 * us-east-1 only (us-gov-west-1 in GovCloud): this goes into a stack of that region and of the vault's account.
 */
export class IdentityAlarms extends Construct {
  constructor(scope: Construct, id: string, props: IdentityAlarmsProps) {
    super(scope, id);
    const { environment, vaultStackName, alarmTopic } = props;
    requireEnvironment(environment);
    // a token would refer from one region's stack to another's, and can't be shortened
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
