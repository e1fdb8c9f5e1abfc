import { describe, expect, test } from '@jest/globals';
import { SERVICE_PRINCIPALS, callContext, decide } from '../../../../local/emulator/authorization';
import { ACCOUNT, KEY, REGION, on, policy, under } from './support';

const RULE = `arn:aws:events:${REGION}:${ACCOUNT}:rule/Changes`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:alarms`;

function contextOf(service: string, action: string): ReturnType<typeof callContext> {
  const arn = `${service}.amazonaws.com`;
  const principal = { arn, roleArn: arn, account: ACCOUNT };
  return callContext({ principal, action, region: REGION, sourceArn: RULE, sourceAccount: ACCOUNT });
}

function decided(service: string, action: string, resource: string, context: Readonly<Record<string, string>>) {
  const arn = `${service}.amazonaws.com`;
  const resourcePolicy = policy('Own', on(action, { Principal: { Service: arn } }));
  const principal = { arn, roleArn: arn, account: ACCOUNT };
  return decide({ principal, action, resource, context }, under({ resource: resourcePolicy }));
}

describe('a service that calls by itself', () => {
  test('EventBridge sends no source to a topic', () => {
    expect(contextOf('events', 'sns:Publish')).not.toHaveProperty(['aws:SourceAccount']);
    expect(contextOf('events', 'sns:Publish')).not.toHaveProperty(['aws:SourceArn']);
  });

  test('EventBridge sends no source to the key of a topic', () => {
    expect(contextOf('events', 'kms:GenerateDataKey')).not.toHaveProperty(['aws:SourceAccount']);
  });

  test('EventBridge sends the ARN of its rule, and no account, to a function', () => {
    expect(contextOf('events', 'lambda:InvokeFunction')).toMatchObject({ 'aws:SourceArn': RULE });
    expect(contextOf('events', 'lambda:InvokeFunction')).not.toHaveProperty(['aws:SourceAccount']);
  });

  test('CloudWatch sends its account and the ARN of its alarm to a topic', () => {
    const sent = { 'aws:SourceArn': RULE, 'aws:SourceAccount': ACCOUNT };

    expect(contextOf('cloudwatch', 'sns:Publish')).toMatchObject(sent);
  });

  test.each([
    ['a service that the table does not name', 'states', 'lambda:InvokeFunction'],
    ['an action that the table does not name for the service', 'events', 'sqs:SendMessage'],
    ['CloudWatch Logs without its region', 'logs', 'kms:Encrypt'],
  ])('is refused as %s', (_what, service, action) => {
    expect(() => contextOf(service, action)).toThrowWithCode('RequestInvalid');
  });

  test.each([
    ['aws:SourceAccount', 'events', 'sns:Publish', TOPIC, { 'aws:SourceAccount': ACCOUNT }],
    ['AWS:SourceAccount', 'events', 'kms:Decrypt', KEY, { 'AWS:SourceAccount': ACCOUNT }],
    ['aws:SourceArn', `logs.${REGION}`, 'kms:Decrypt', KEY, { 'aws:SourceArn': RULE }],
    ['another encryption context', 'events', 'kms:Decrypt', KEY, { 'kms:EncryptionContext:environment': 'prod' }],
  ])('is refused with a key that it does not send: %s', async (_key, service, action, resource, context) => {
    await expect(decided(service, action, resource, context)).rejects.toThrowWithCode('RequestInvalid');
  });

  test('is decided with the keys that it sends', async () => {
    const context = { 'kms:EncryptionContext:aws:sns:topicArn': TOPIC };

    expect(await decided('events', 'kms:Decrypt', KEY, context)).toMatchObject({ allowed: true });
  });
});

test('a session of a role has no source of a call', () => {
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/A`;
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/A/session`;
  const facts = { principal: { arn, roleArn, account: ACCOUNT }, action: 'sns:Publish', region: REGION };

  expect(callContext({ ...facts, sourceArn: RULE, sourceAccount: ACCOUNT })).not.toHaveProperty(['aws:SourceArn']);
});

test('each row of the table names the document that it comes from', () => {
  expect(SERVICE_PRINCIPALS.filter(({ source }) => !/^[A-Z].+, ".+"/.test(source))).toEqual([]);
});
