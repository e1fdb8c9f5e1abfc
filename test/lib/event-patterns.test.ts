import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Egress } from '../../lib/egress';
import { IdentityAlarms } from '../../lib/identity-alarms';
import { ShareKey } from '../../lib/share-key';
import { PATTERN_CHARS, longestPatterns } from '../support/event-pattern';
import { googleKey } from '../support/external-keys';
import { cdkApp, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const LONGEST = {
  environment: 'e'.repeat(16),
  clusterIdentifier: 'c'.repeat(63),
  readers: 15,
  intakeKeyIds: ['a', 'b', 'c'].map((name) => name.repeat(64)),
};
const stackName = `S${'t'.repeat(127)}`;
// other parts may append this many characters to the name of a secret, or to another name in a pattern
const ROOM = 4 * 13;

const withKeys = testVault(
  { ...LONGEST, webhookKeyIds: ['d', 'e', 'f'].map((name) => name.repeat(64)), webhook: {} },
  testStack({ stackName }),
);
const withFirewall = testVault(
  {
    ...LONGEST,
    otherKeys: [googleKey()],
    egress: Egress.firewall(),
    availabilityZones: ['a', 'b', 'c'].map((zone) => `us-gov-west-1${zone}`),
    endpointZones: 3,
  },
  testStack({ stackName }, cdkApp()),
);
const keyStack = testStack({ stackName }, cdkApp());
const withRetiring = testVault(
  {
    ...LONGEST,
    shareKey: new ShareKey(keyStack, 'K1', { environment: LONGEST.environment }),
    retiringShareKeys: [
      ShareKey.ofVault(),
      ...['K2', 'K3', 'K4'].map((id) => new ShareKey(keyStack, id, { environment: LONGEST.environment })),
    ],
  },
  keyStack,
);
const secretStack = testStack({ stackName }, cdkApp());
const secret = (name: string) =>
  Secret.fromSecretCompleteArn(
    secretStack,
    name,
    `arn:aws-us-gov:secretsmanager:us-gov-west-1:111111111111:secret:${name.repeat(506)}-AbCdEf`,
  );
const withSecrets = testVault(
  { ...LONGEST, webhookKeyIds: [], webhook: { privateKeys: { a: secret('a'), b: secret('b'), c: secret('c') } } },
  secretStack,
);
const identityStack = testStack(undefined, cdkApp());
new IdentityAlarms(identityStack, 'Identity', {
  environment: LONGEST.environment,
  vaultStackName: stackName,
  alarmTopic: new sns.Topic(identityStack, 'Alarms'),
});

describe("a rule's pattern fits EventBridge's limit with the longest names, also in GovCloud", () => {
  test.each(longestPatterns(withKeys.template()))('%s, with all keys in KMS', (_id, length) => {
    expect(length).toBeLessThanOrEqual(PATTERN_CHARS - ROOM);
  });

  test.each(longestPatterns(withSecrets.template()))('%s, with private keys in long secrets', (_id, length) => {
    expect(length).toBeLessThanOrEqual(PATTERN_CHARS - ROOM);
  });

  test.each(longestPatterns(withRetiring.template()))('%s, with four share keys that only open', (_id, length) => {
    expect(length).toBeLessThanOrEqual(PATTERN_CHARS - ROOM);
  });

  test.each(longestPatterns(withFirewall.template()))('%s, with a firewall in three zones', (_id, length) => {
    expect(length).toBeLessThanOrEqual(PATTERN_CHARS - ROOM);
  });

  test.each(longestPatterns(Template.fromStack(identityStack)))('%s, of the roles', (_id, length) => {
    expect(length).toBeLessThanOrEqual(PATTERN_CHARS - ROOM);
  });
});
