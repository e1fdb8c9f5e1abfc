import { describe, expect, test } from '@jest/globals';
import { Policy, callContext, decide } from '../../../../local/emulator/authorization';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import { consumerTemplate } from './support';

const template = consumerTemplate();
const { resolver } = readStack({ template }, new PhysicalNames());
const { account, region } = resolver.deployment;
const OTHER_ACCOUNT = '444455556666';
const idOf = (prefix: string) => Object.keys(resolver.template.Resources).find((id) => id.startsWith(prefix)) ?? '';
const TOPIC_POLICY = idOf('VaultWatchAlarmTopicPolicy');
const [TOPIC = ''] = resolver.property(TOPIC_POLICY, 'Topics') as readonly string[];
const STORAGE_KEY = idOf('VaultStorageKey');

/** Decides the calls of a service that publishes to a topic that the storage key encrypts. */
async function published(service: string, sourceAccount: string, topic = TOPIC): Promise<readonly boolean[]> {
  const arn = `${service}.amazonaws.com`;
  const principal = { arn, roleArn: arn, account: sourceAccount };
  const decided = async (action: string, id: string, property: string, resource: string) => {
    const input = action.startsWith('kms:') ? { encryptionContext: { 'aws:sns:topicArn': topic } } : undefined;
    const context = callContext({ principal, action, region, input, sourceAccount });
    const policy = Policy.read(id, resolver.property(id, property));
    const policies = { identity: [], resource: policy, resourceAccount: account };
    return (await decide({ principal, action, resource, context }, policies)).allowed;
  };
  const key = `arn:aws:kms:${region}:${account}:key/1`;
  return [
    await decided('sns:Publish', TOPIC_POLICY, 'PolicyDocument', TOPIC),
    await decided('kms:GenerateDataKey', STORAGE_KEY, 'KeyPolicy', key),
    await decided('kms:Decrypt', STORAGE_KEY, 'KeyPolicy', key),
  ];
}

describe('the encrypted topic for alarms', () => {
  test.each(['events', 'cloudwatch'])(
    'accepts a message of %s with only the condition keys that it sends',
    async (by) => {
      expect(await published(by, account)).toEqual([true, true, true]);
    },
  );

  test('accepts no message of an alarm of another account', async () => {
    expect(await published('cloudwatch', OTHER_ACCOUNT)).toEqual([false, false, false]);
  });

  test('lends its key to EventBridge for topics of its own account and region only', async () => {
    const theirs = `arn:aws:sns:${region}:${OTHER_ACCOUNT}:alarms`;
    const elsewhere = `arn:aws:sns:eu-north-1:${account}:alarms`;

    expect((await published('events', account, theirs)).slice(1)).toEqual([false, false]);
    expect((await published('events', account, elsewhere)).slice(1)).toEqual([false, false]);
  });

  test('accepts a message of a rule of another account that knows its ARN, since EventBridge sends no account', async () => {
    expect(await published('events', OTHER_ACCOUNT)).toEqual([true, true, true]);
  });
});
