import { Annotations, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe } from './checks';

/** Under this id an app acknowledges that the owner of an imported topic has let the alarms in. */
const IMPORTED = 'cdk-share-vault:imported-alarm-topic';

/**
 * Throws for a topic that no alarm of the vault reaches, and warns of an imported one: its policy is its owner's, and
 * the CDK adds no statement to it, without a word.
 */
export function requireAlarmTopic(scope: Construct, topic: sns.ITopic): void {
  const stack = Stack.of(scope);
  requireSame('region', topic.env.region, stack.region);
  requireSame('account', topic.env.account, stack.account);
  if (topic.fifo) throw new Error('alarmTopic: expected a standard topic, got a FIFO topic: rules publish to none');
  if (Resource.isOwnedResource(topic)) return;
  Annotations.of(scope).addWarningV2(IMPORTED, describeImported(topic));
}

/** Alarms act in their own region only, and a rule reaches another account's topic only with a role, which it has not. */
function requireSame(what: string, got: string, expected: string): void {
  if (Token.compareStrings(got, expected) !== TokenComparison.DIFFERENT) return;
  throw new Error(
    `alarmTopic: expected a topic of the vault's ${what} ${describe(expected)}, got one of ${describe(got)}`,
  );
}

function describeImported(topic: sns.ITopic): string {
  return (
    `alarmTopic ${topic.node.path} is imported, and its policy stays as it is: no alarm arrives unless its owner allows ` +
    `sns:Publish to cloudwatch.amazonaws.com (where aws:SourceAccount is the vault's account) and, without a condition, ` +
    `to events.amazonaws.com, and the policy of its KMS key, if it has one, allows both kms:GenerateDataKey* and ` +
    `kms:Decrypt; it must be a topic of the vault's region`
  );
}
