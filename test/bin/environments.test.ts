import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { readEnvironments } from '../../bin/environments';
import cdkJson from '../../cdk.json';

const PRIVATE_KEY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:dynamic/key-AbCdEf';

describe('the environments of cdk.json', () => {
  test('are dev, staging and prod', () => {
    expect(readEnvironments(cdkJson.context.environments).map(({ name }) => name)).toEqual(['dev', 'staging', 'prod']);
  });
});

describe('reading environments', () => {
  test('reads every member', () => {
    // the members that an environment has as they are written
    const asWritten = {
      account: '111111111111',
      region: 'eu-west-1',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      minCapacity: 0.5,
      maxCapacity: 8,
      readers: 1,
      endpointZones: 2,
      reservedConcurrency: 10,
      reserveConcurrency: true,
      alarmEmail: 'on-call@example.com',
      intakeKeyIds: ['intake-1', 'intake-2'],
      webhookKeyIds: ['webhook-2'],
    };
    const webhookAsWritten = { throttleRate: 20, throttleBurst: 40, privateKeys: { 'key-1': PRIVATE_KEY } };
    const [environment] = readEnvironments({
      qa: {
        ...asWritten,
        rotationDays: 120,
        backupDays: 14,
        removalPolicy: 'DESTROY',
        webhook: { ...webhookAsWritten, responseTimeoutMs: 2_500 },
        actors: { signer: { kinds: ['delegated-share'], operations: ['unseal'], accounts: ['222222222222'] } },
      },
    });

    expect(environment).toEqual({
      ...asWritten,
      name: 'qa',
      rotationPeriod: Duration.days(120),
      backupRetention: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
      webhook: { ...webhookAsWritten, responseTimeout: Duration.millis(2_500) },
      actors: [{ name: 'signer', kinds: ['delegated-share'], operations: ['unseal'], accounts: ['222222222222'] }],
    });
  });

  test.each([
    [true, { privateKeys: {} }],
    [false, undefined],
    [undefined, undefined],
  ])('accepts a webhook of %p', (webhook, expected) => {
    expect(readEnvironments({ qa: { webhook } })).toMatchObject([{ webhook: expected }]);
  });

  test('accepts an empty list of webhook keys if there is a private key', () => {
    const privateKeys = { a: PRIVATE_KEY };

    expect(readEnvironments({ qa: { webhookKeyIds: [], webhook: { privateKeys } } })).toMatchObject([
      { webhookKeyIds: [], webhook: { privateKeys } },
    ]);
  });

  test.each([
    ['no intake key', { intakeKeyIds: [] }, 'qa.intakeKeyIds: expected 1 to 3 names of 1 to 64 letters'],
    ['four intake keys', { intakeKeyIds: ['a', 'b', 'c', 'd'] }, 'qa.intakeKeyIds: expected 1 to 3 names'],
    ['an intake key twice', { intakeKeyIds: ['a', 'a'] }, 'qa: expected different intakeKeyIds, got "a" twice'],
    ['a name with a blank', { webhookKeyIds: ['a b'] }, 'qa.webhookKeyIds: expected 0 to 3 names of 1 to 64 letters'],
    ['no webhook key at all', { webhookKeyIds: [] }, 'webhook.privateKeys together, got 0'],
    [
      'a webhook key twice',
      { webhookKeyIds: ['a', 'a'] },
      'qa: expected different names of webhook keys, got "a" twice',
    ],
    [
      'a webhook key under the name of a private one',
      { webhookKeyIds: ['a'], webhook: { privateKeys: { a: PRIVATE_KEY } } },
      'qa: expected different names of webhook keys, got "a" twice',
    ],
    [
      'three webhook keys beside a private one',
      { webhookKeyIds: ['a', 'b', 'c'], webhook: { privateKeys: { d: PRIVATE_KEY } } },
      'webhook.privateKeys together, got 4',
    ],
  ])('refuses %s', (_what, qa, message) => {
    expect(() => readEnvironments({ qa })).toThrow(message);
  });

  test.each([
    ['no environments at all', {}, 'environments: expected at least one, got none'],
    ['a list', [], 'environments: expected an object, got []'],
    ['none', undefined, 'environments: expected an object, got none'],
    ['an unknown key', { dev: { minCapcity: 1 } }, 'got the unknown "minCapcity"'],
    [
      'an unknown key of an actor',
      { dev: { actors: { a: { kind: [] } } } },
      'actors.a: expected one of kinds, operations, accounts, got the unknown "kind"',
    ],
    [
      'a name in capitals',
      { Dev: {} },
      'environments: expected a name like staging-2, of 2 to 16 lower-case letters, digits and single hyphens, got "Dev"',
    ],
    ['a name that ends in a hyphen', { 'dev-': {} }, 'environments: expected a name like staging-2'],
    ['a name with two hyphens in a row', { 'a--b': {} }, 'environments: expected a name like staging-2'],
    [
      'a kind that is misspelt',
      { dev: { actors: { ops: { kinds: ['delegatedShare'] } } } },
      'actors.ops.kinds: expected delegated-share or server-key-shares, got "delegatedShare"',
    ],
    [
      'a reservation that is no flag',
      { dev: { reserveConcurrency: 'no' } },
      'dev.reserveConcurrency: expected true or false, got "no"',
    ],
    [
      'a concurrency that lets no call through',
      { dev: { reservedConcurrency: 0 } },
      'dev.reservedConcurrency: expected 1 to 100000 in steps of 1, got 0',
    ],
    ['a name of 17 letters', { abcdefghijklmnopq: {} }, 'got "abcdefghijklmnopq"'],
    [
      'a rotation of 89 days',
      { dev: { rotationDays: 89 } },
      'dev.rotationDays: expected 90 to 2560 in steps of 1, got 89',
    ],
    [
      'a rotation of 2,561 days',
      { dev: { rotationDays: 2_561 } },
      'dev.rotationDays: expected 90 to 2560 in steps of 1, got 2561',
    ],
    [
      'a capacity that is text',
      { dev: { minCapacity: '1' } },
      'dev.minCapacity: expected 0 to 256 in steps of 0.5, got "1"',
    ],
    [
      'an account of 11 digits',
      { dev: { account: '1'.repeat(11), region: 'eu-west-1' } },
      'dev.account: expected 12 digits',
    ],
    [
      'an account without a region',
      { dev: { account: '1'.repeat(12) } },
      'dev: expected account and region, or neither, got one',
    ],
    [
      'a region without zones',
      { dev: { account: '1'.repeat(12), region: 'eu-west-1' } },
      'dev: expected availabilityZones together with account and region',
    ],
    [
      'a removal policy of SNAPSHOT',
      { dev: { removalPolicy: 'SNAPSHOT' } },
      'dev.removalPolicy: expected RETAIN or DESTROY, got "SNAPSHOT"',
    ],
    [
      'an actor called 1',
      { dev: { actors: { 1: {} } } },
      'actors: expected names like ^[a-z][a-z0-9-]{0,62}$, got "1"',
    ],
    [
      'an unknown operation',
      { dev: { actors: { a: { operations: ['open'] } } } },
      'actors.a.operations: expected seal or unseal or revoke or properties or audit or freeze or thaw, got "open"',
    ],
    ['a webhook that is text', { dev: { webhook: 'yes' } }, 'webhook: expected an object, got "yes"'],
    [
      'a webhook that answers later than an API waits',
      { dev: { webhook: { responseTimeoutMs: 29_001 } } },
      'webhook.responseTimeoutMs: expected 500 to 29000 in steps of 1, got 29001',
    ],
    [
      'a private key in a secret without its complete ARN',
      { dev: { webhook: { privateKeys: { a: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:key' } } } },
      'webhook.privateKeys.a: expected the complete ARN of a secret',
    ],
    [
      'an unknown key of a webhook',
      { dev: { webhook: { url: 'x' } } },
      'webhook: expected one of privateKeys, responseTimeoutMs, throttleRate, throttleBurst, got the unknown "url"',
    ],
    ['prod that pauses', { prod: { minCapacity: 0 } }, 'prod: expected a minCapacity over 0'],
    [
      'prod that is destroyed',
      { prod: { removalPolicy: 'DESTROY' } },
      'prod: expected a removalPolicy of RETAIN, got DESTROY',
    ],
    [
      'prod in one zone',
      { prod: { availabilityZones: ['eu-west-1a'] } },
      'prod: expected two availabilityZones, got 1',
    ],
    ['dev in one zone', { dev: { availabilityZones: ['eu-west-1a'] } }, 'dev: expected two availabilityZones, got 1'],
    ['prod with endpoints in one zone', { prod: { endpointZones: 1 } }, 'prod: expected two endpointZones, got 1'],
    ['prod without a reader', { prod: { readers: 0 } }, 'prod: expected a reader in a second zone, got none'],
  ])('refuses %s', (_what, context, message) => {
    expect(() => readEnvironments(context)).toThrow(message);
  });

  test('names every problem at once', () => {
    const read = (): unknown => readEnvironments({ dev: { readers: -1 }, prod: { minCapacity: 0, colour: 'red' } });

    expect(read).toThrow(/dev\.readers: .*prod: .*"colour".*prod: expected a minCapacity over 0/);
  });
});
