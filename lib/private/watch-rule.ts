import * as events from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { type AlarmContext, createRuleAlarm, watchName } from './create-alarm';

/** A rule: the calls, or other events, that it reports. */
export interface WatchRule {
  /** Id of the rule, and the last part of its name. */
  readonly id: string;
  readonly about: string;
  /** Services, as in `aws.kms`. */
  readonly services: readonly string[];
  /** @default - calls of the services' APIs, as CloudTrail records them */
  readonly detailType?: string;
  /** whether calls that only read match too. Without it, EventBridge keeps them from the rule @default false */
  readonly includesReads?: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

const API_CALL = 'AWS API Call via CloudTrail';

/** Creates a rule that sends the events to the topic, and an alarm on events that it could not send. */
export function createWatchRule(scope: Construct, context: AlarmContext, rule: WatchRule): void {
  const { environment, topic } = context;
  // CDK's own target would allow EventBridge to publish, and to use the topic's key, a second time
  const target: events.IRuleTarget = { bind: () => ({ arn: topic.topicArn }) };
  const made = new events.Rule(scope, rule.id, {
    // fixed, so that rules can watch each other without a reference
    ruleName: watchName(environment, rule.id),
    description: `share vault ${environment}: ${rule.about}`,
    eventPattern: {
      source: rule.services.map((service) => `aws.${service}`),
      detailType: [rule.detailType ?? API_CALL],
      detail: rule.detail,
    },
    targets: [target],
  });
  if (rule.includesReads === true) includeReads(made);
  const { ruleName } = made;
  createRuleAlarm(scope, `${rule.id}-Failed`, ruleName, context, `the rule ${rule.id} could not reach the topic`);
}

/** The CDK's rule has no such state. */
function includeReads(rule: events.Rule): void {
  (rule.node.defaultChild as events.CfnRule).state = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
}
