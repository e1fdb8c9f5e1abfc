import type * as sns from 'aws-cdk-lib/aws-sns';
import { watchName } from './create-alarm';
import { ALARM_CHANGES, LOG_CHANGES, RULE_CHANGES, TOPIC_CHANGES, TRAIL_CHANGES } from './watched-events';
import type { WatchRule } from './watch-rule';

/**
 * Returns the rules that watch a vault's rules and alarms. Two rules report each other: a disabled rule can't report
 * that it was disabled. Names are prefixes, which cover the rules themselves without a reference.
 *
 * @param prefix of the ids of the rules and alarms, empty for all of the environment's
 * @param others names of rules that CloudFormation chose
 */
export function ruleWatchers(
  environment: string,
  prefix: string,
  others: readonly string[] = [],
): readonly WatchRule[] {
  const ours = { prefix: watchName(environment, prefix) };
  const rules = [ours, ...others];
  const id = `${prefix}RuleChanges`;
  const twin = watchName(environment, id);
  const named = (member: 'name' | 'rule', names: readonly unknown[]) => ({
    eventName: [...RULE_CHANGES],
    requestParameters: { [member]: names },
  });
  const alarms = (requestParameters: object) => ({ eventName: [...ALARM_CHANGES], requestParameters });
  return [
    {
      id,
      about: 'a rule that reports changes was changed or disabled',
      services: ['events'],
      detail: { $or: [named('name', rules), named('rule', rules)] },
    },
    {
      id: `${prefix}AlarmChanges`,
      about: 'an alarm, or the rule that watches the rules, was changed or disabled',
      services: ['monitoring', 'cloudwatch', 'events'],
      detail: {
        $or: [
          alarms({ alarmName: [ours] }),
          alarms({ alarmNames: [ours] }),
          alarms({ muteTargets: { alarmNames: [ours] } }),
          named('name', [twin]),
          named('rule', [twin]),
        ],
      },
    },
  ];
}

/** Returns the rules that watch the path of an alarm: the topic, the trails, and the logs with counted lines. */
export function pathWatchers(topic: sns.ITopic, logGroups: readonly string[]): readonly WatchRule[] {
  const groups = logGroups.map((name) => ({ wildcard: `*${name}` }));
  return [
    {
      id: 'TopicChanges',
      about: "the alarms' topic or a subscription to it was changed",
      services: ['sns'],
      detail: {
        eventName: [...TOPIC_CHANGES],
        $or: [
          { requestParameters: { topicArn: [topic.topicArn] } },
          { requestParameters: { subscriptionArn: [{ prefix: `${topic.topicArn}:` }] } },
          { requestParameters: { resourceArn: [topic.topicArn] } },
        ],
      },
    },
    {
      id: 'TrailChanges',
      about: 'a trail of the account was stopped or changed: without one, no change is reported',
      services: ['cloudtrail'],
      detail: { eventName: [...TRAIL_CHANGES] },
    },
    {
      id: 'LogChanges',
      about: 'a log, its key, its retention, its masking or its metric filters were changed',
      services: ['logs'],
      detail: {
        eventName: [...LOG_CHANGES],
        // some calls take a name, others a name or an ARN
        $or: ['logGroupName', 'logGroupIdentifier', 'resourceIdentifier'].map((member) => ({
          requestParameters: { [member]: groups },
        })),
      },
    },
  ];
}
