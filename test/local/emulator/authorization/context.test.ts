import { describe, expect, test } from '@jest/globals';
import { type CallFacts, callContext } from '../../../../local/emulator/authorization';
import { ACCOUNT, CALLER, FUNCTION, REGION, ROLE, ROOT } from './support';

function context(action: string, more: Partial<CallFacts> = {}): ReturnType<typeof callContext> {
  return callContext({ principal: CALLER, action, region: REGION, ...more });
}

const ALWAYS = {
  'aws:PrincipalArn': ROLE,
  'aws:PrincipalAccount': ACCOUNT,
  'aws:PrincipalIsAWSService': 'false',
  'aws:PrincipalType': 'AssumedRole',
  'aws:SecureTransport': 'true',
  'aws:RequestedRegion': REGION,
  'aws:ViaAWSService': 'false',
};

describe("a call's context", () => {
  test('names the role behind the session, and no unknown fact', () => {
    expect(context('lambda:InvokeFunction')).toEqual(ALWAYS);
  });

  test('of KMS data has each pair, the names of all, the algorithm and the account', () => {
    const input = { encryptionContext: { record: 'r', environment: 'prod' }, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' };

    expect(context('kms:Decrypt', { input })).toEqual({
      ...ALWAYS,
      'kms:CallerAccount': ACCOUNT,
      'kms:EncryptionContext:environment': 'prod',
      'kms:EncryptionContext:record': 'r',
      'kms:EncryptionContextKeys': ['environment', 'record'],
      'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
    });
  });

  test('without a pair lacks the names too: an empty list would be there', () => {
    expect(context('kms:Decrypt', { input: { encryptionContext: {} } })).toEqual({
      ...ALWAYS,
      'kms:CallerAccount': ACCOUNT,
    });
  });

  test.each<[Partial<CallFacts>, object]>([
    [
      { viaService: 'secretsmanager' },
      { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com', 'aws:ViaAWSService': 'true' },
    ],
    [
      { sourceVpc: 'vpc-1', sourceVpce: 'vpce-1' },
      { 'aws:SourceVpc': 'vpc-1', 'aws:SourceVpce': 'vpce-1' },
    ],
    [{ sourceFunctionArn: FUNCTION }, { 'lambda:SourceFunctionArn': FUNCTION }],
    [{ input: { pendingWindowInDays: 7 } }, { 'kms:ScheduleKeyDeletionPendingWindowInDays': '7' }],
    [{ input: { bypassLockoutSafetyCheck: false } }, { 'kms:BypassPolicyLockoutSafetyCheck': 'false' }],
    [{ input: { grantIsForAwsResource: true } }, { 'kms:GrantIsForAWSResource': 'true' }],
    [
      { input: { requestAlias: 'alias/a', reEncryptOnSameKey: true } },
      { 'kms:RequestAlias': 'alias/a', 'kms:ReEncryptOnSameKey': 'true' },
    ],
    [
      { input: { secretVersionStage: 'AWSCURRENT', secretVersionId: 'v', secretId: 's' } },
      { 'secretsmanager:VersionStage': 'AWSCURRENT', 'secretsmanager:VersionId': 'v', 'secretsmanager:SecretId': 's' },
    ],
    [{ input: { tagKeys: ['a'] } }, { 'aws:TagKeys': ['a'] }],
    [{ input: { roleSessionName: 's', externalId: 'e' } }, { 'sts:RoleSessionName': 's', 'sts:ExternalId': 'e' }],
    [
      { input: { identityTokenAudience: ['a'], durationSeconds: 300, signingAlgorithm: 'RS256' } },
      { 'sts:IdentityTokenAudience': ['a'], 'sts:DurationSeconds': '300', 'sts:SigningAlgorithm': 'RS256' },
    ],
    [
      { principalTags: { team: 'a' }, resourceTags: { 'aws:rds:primaryDBClusterArn': 'c' } },
      { 'aws:PrincipalTag/team': 'a', 'aws:ResourceTag/aws:rds:primaryDBClusterArn': 'c' },
    ],
    [
      { at: new Date(1_500), tokenIssuedAt: new Date(0) },
      {
        'aws:CurrentTime': '1970-01-01T00:00:01.500Z',
        'aws:EpochTime': '1',
        'aws:TokenIssueTime': '1970-01-01T00:00:00.000Z',
      },
    ],
    [
      { principal: { arn: ROOT, roleArn: ROOT, account: ACCOUNT } },
      { 'aws:PrincipalArn': ROOT, 'aws:PrincipalType': 'Account' },
    ],
    [
      { principal: { arn: `${ROOT}/u`, roleArn: `${ROOT}/u`, account: ACCOUNT } },
      { 'aws:PrincipalArn': `${ROOT}/u`, 'aws:PrincipalType': 'User' },
    ],
  ])('of %j', (facts, expected) => {
    expect(context('s3:GetObject', facts)).toEqual({ ...ALWAYS, ...expected });
  });

  test('of a service that calls by itself has no role and no account', () => {
    const arn = 'cloudwatch.amazonaws.com';
    const principal = { arn, roleArn: arn, account: '' };

    expect(
      context('sns:Publish', { principal, sourceArn: 'arn:aws:cloudwatch:a:b:c', sourceAccount: ACCOUNT }),
    ).toEqual({
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': 'cloudwatch.amazonaws.com',
      'aws:SecureTransport': 'true',
      'aws:RequestedRegion': REGION,
      'aws:ViaAWSService': 'false',
      'aws:SourceArn': 'arn:aws:cloudwatch:a:b:c',
      'aws:SourceAccount': ACCOUNT,
    });
  });
});
