import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';

/**
 * Lets alarms of this account, and event rules, publish to a topic. A topic with a policy of its own lacks SNS's
 * default policy, which allows alarms. EventBridge sends no condition key with a message: any condition would refuse
 * all of them. The policy of an imported topic stays unchanged.
 */
export function allowAlarms(topic: sns.ITopic): void {
  const publish = { actions: ['sns:Publish'], resources: [topic.topicArn] };
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      ...publish,
      sid: 'AllowAlarmsFromCloudWatch',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      ...publish,
      sid: 'AllowAlarmsFromEventBridge',
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
    }),
  );
}
