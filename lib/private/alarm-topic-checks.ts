import { Annotations, Reference, Resource, Stack, Token, TokenComparison, Tokenization } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, requireMembers } from './checks';

/** Warning id by which an app acknowledges that the owner of an imported topic has allowed the alarms. */
const IMPORTED = 'cdk-share-vault:imported-alarm-topic';
/** Warning id by which an app acknowledges that the key of an encrypted topic allows the alarms. */
const ENCRYPTED = 'cdk-share-vault:encrypted-alarm-topic';
/** Publishers of alarms. The key of an encrypted topic must allow both. */
const PUBLISHERS = ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] as const;

/**
 * Throws for a topic that no alarm reaches. Warns of an imported topic: its owner has its policy, and the CDK adds no
 * statement to it. Warns of an encrypted topic if synth finds no statements for alarms in its key's policy.
 */
export function requireAlarmTopic(scope: Construct, topic: sns.ITopic): void {
  requireMembers('alarmTopic', topic, 'a topic of the CDK', ['topicArn', 'addToResourcePolicy', 'env']);
  const stack = Stack.of(scope);
  requireSame('region', topic.env.region, stack.region);
  requireSame('account', topic.env.account, stack.account);
  if (topic.fifo)
    throw new Error('alarmTopic: expected a standard topic, got a FIFO topic: rules cannot publish to it');
  if (!Resource.isOwnedResource(topic)) Annotations.of(scope).addWarningV2(IMPORTED, describeImported(topic));
  else requireKey(scope, topic);
}

/**
 * Throws for a topic of another region or account. Alarms act in their own region only, and a rule needs a role for
 * another account's topic; the vault's rules have none.
 */
function requireSame(what: string, got: string, expected: string): void {
  if (Token.compareStrings(got, expected) !== TokenComparison.DIFFERENT) return;
  throw new Error(
    `alarmTopic: expected a topic of the stack's ${what} ${describe(expected)}, got one of ${describe(got)}`,
  );
}

function requireKey(scope: Construct, topic: sns.ITopic): void {
  const made = topic.node.defaultChild;
  const key = made instanceof sns.CfnTopic ? made.kmsMasterKeyId : undefined;
  if (key === undefined || servesAlarms(key)) return;
  // AWS writes the policies of its own keys, and none of them names another service
  if (JSON.stringify(Stack.of(scope).resolve(key)).includes('alias/aws/')) {
    throw new Error(
      "alarmTopic: expected a topic under a key with a policy that can allow alarms, got one under AWS's own key",
    );
  }
  const problem = `alarmTopic ${topic.node.path} is encrypted: no alarm arrives unless the policy of its KMS key allows`;
  const instead = `kms:GenerateDataKey* and kms:Decrypt to ${PUBLISHERS.join(' and to ')}, to the latter without aws:SourceAccount`;
  Annotations.of(scope).addWarningV2(ENCRYPTED, `${problem} ${instead}`);
}

/** Returns whether a key of this app has statements for all publishers of alarms. */
function servesAlarms(key: string): boolean {
  const [token] = Tokenization.reverseString(key).tokens;
  const target = Reference.isReference(token) ? token.target : undefined;
  if (!(target instanceof kms.CfnKey)) return false;
  const policy = JSON.stringify(Stack.of(target).resolve(target.keyPolicy));
  return PUBLISHERS.every((service) => policy.includes(service));
}

function describeImported(topic: sns.ITopic): string {
  return (
    `alarmTopic ${topic.node.path} is imported, and its policy stays unchanged: no alarm arrives unless its owner allows ` +
    `sns:Publish to cloudwatch.amazonaws.com (if aws:SourceAccount is the vault's account) and, without a condition, ` +
    `to events.amazonaws.com, and the policy of its KMS key, if it has one, allows both kms:GenerateDataKey* and ` +
    `kms:Decrypt; it must be a topic of the same region`
  );
}
