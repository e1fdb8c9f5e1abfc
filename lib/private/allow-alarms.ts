import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';

/**
 * Lets alarms of this account, and event rules, publish to a topic. A topic with any policy of its own has lost SNS's
 * default, which let alarms in. EventBridge sends no condition key with a message: a condition of any kind would drop
 * every one of them. The policy of an imported topic stays as it is.
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
