import { describe, expect, test } from '@jest/globals';
import { Policy, awsActions, callContext, decide } from '../../../../local/emulator/authorization';
import { ALIAS_NAME, CALLS, PLACE } from './calls';
import { MACHINE_CALLS } from './machine-calls';
import { ACCOUNT, ALIAS, CALLER, FUNCTION, KEY, REGION, ROOT, SECRET, of, policy } from './support';

describe('the request of a call', () => {
  test.each([...CALLS, ...MACHINE_CALLS])('%s %s %j', (service, operation, input, expected) => {
    expect(awsActions(service, operation, input, PLACE)).toEqual(expected);
  });

  test.each([...CALLS, ...MACHINE_CALLS])(
    '%s %s %j can be decided, with every key of its context',
    async (service, operation, input) => {
      const everything = Policy.read('All', {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
      });
      const own = policy('Own', of(ROOT, '*'));
      const decisions = awsActions(service, operation, input, PLACE).map(({ action, resource, facts }) => {
        const context = callContext({
          principal: CALLER,
          action,
          region: REGION,
          input: facts,
          ...EVERY_FACT,
          ...tagsOf(service),
        });
        return decide(
          { principal: CALLER, action, resource, context },
          { identity: [everything], resource: own, resourceAccount: ACCOUNT },
        );
      });

      expect((await Promise.all(decisions)).map(({ allowed }) => allowed)).toEqual(decisions.map(() => true));
    },
  );

  test.each<[string, string, unknown]>([
    ['kms', 'Sign', { KeyId: KEY }],
    ['kms', 'decrypt', { KeyId: KEY }],
    ['kms', 'constructor', { KeyId: KEY }],
    ['lambda', 'InvokeFunction', { FunctionName: 'f' }],
    ['s3', 'ListBuckets', {}],
    ['states', 'GetExecutionHistory', {}],
    ['toString', 'call', {}],
  ])('is unknown of %s %s, which is refused by its name', (service, operation, input) => {
    expect(() => awsActions(service, operation, input, PLACE)).toThrowWithCode('OperationUnknown');
    expect(() => awsActions(service, operation, input, PLACE)).toThrow(`"${service}:${operation}"`);
  });

  test.each<[string, string, string, unknown]>([
    ['a key by an alias that is not there', 'kms', 'Encrypt', { KeyId: 'alias/none' }],
    ['a key by a ciphertext of nobody', 'kms', 'Decrypt', { CiphertextBlob: 'AAAA' }],
    ['a key by nothing', 'kms', 'Encrypt', {}],
    ['all keys', 'kms', 'DescribeKey', { KeyId: '*' }],
    ['a key of a pattern', 'kms', 'DescribeKey', { KeyId: KEY.replace(/.$/, '?') }],
    ['something that is no key', 'kms', 'DescribeKey', { KeyId: SECRET }],
    ['a context of numbers', 'kms', 'Encrypt', { KeyId: KEY, EncryptionContext: { a: 1 } }],
    ['all secrets', 'secretsmanager', 'GetSecretValue', { SecretId: '*' }],
    ['all functions', 'lambda', 'Invoke', { FunctionName: 'share-vault-*' }],
    ['a function under two qualifiers', 'lambda', 'Invoke', { FunctionName: ALIAS, Qualifier: 'other' }],
    ['a function by no name', 'lambda', 'Invoke', { FunctionName: 'a/b' }],
    ['no parameter', 'ssm', 'GetParameters', { Names: [] }],
    ['all parameters', 'ssm', 'GetParameter', { Name: '/share-vault/*' }],
    ['a database user of another cluster by a slash', 'rds-db', 'connect', { resourceId: 'cluster-A/x', user: 'u' }],
    ['all database users', 'rds-db', 'connect', { resourceId: 'cluster-A', user: '*' }],
    ['a role by its name', 'sts', 'AssumeRole', { RoleArn: 'Admin', RoleSessionName: 's' }],
    ['a state machine by its name', 'states', 'StartExecution', { stateMachineArn: 'worker' }],
    ['all executions', 'states', 'StopExecution', { executionArn: 'arn:aws:states:us-east-1:1:execution:worker:*' }],
    ['all objects', 's3', 'GetObject', { Bucket: 'evidence', Key: '*' }],
    ['a bucket of a pattern', 's3', 'GetObject', { Bucket: 'evid?nce', Key: 'a' }],
    ['nothing', 'sts', 'AssumeRole', null],
  ])('is refused if it names %s', (_, service, operation, input) => {
    expect(() => awsActions(service, operation, input, PLACE)).toThrowWithCode('RequestInvalid');
  });

  test('is refused if the keys behind aliases are unknown', () => {
    const place = { account: ACCOUNT, region: REGION };

    expect(() => awsActions('kms', 'Encrypt', { KeyId: ALIAS_NAME }, place)).toThrowWithCode('RequestInvalid');
  });
});

/** The facts of a function's call inside the vault's network. */
/** S3's buckets and objects have tags of other condition keys. */
const tagsOf = (service: string) => (service === 's3' ? {} : { resourceTags: { 'share-vault:environment': 'dev' } });

const EVERY_FACT = {
  sourceVpc: 'vpc-1',
  sourceVpce: 'vpce-1',
  sourceFunctionArn: FUNCTION,
  principalTags: { team: 'wallets' },
  tokenIssuedAt: new Date(0),
  at: new Date(0),
};
