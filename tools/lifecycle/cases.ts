import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { MaterialKind } from '../../lib/material-kind';
import { ShareKey } from '../../lib/share-key';
import { TlsFloor } from '../../lib/tls-floor';
import { added, backend, type Case, isolated, nextKey, plain, signed, valued, vpc } from './choices';
import { ELSEWHERE_CASES } from './elsewhere-cases';
import { fixtureBundles } from '../synth';

/** Cases that are no props of a vault: the constructs' ids and the actors are public as well. */
export const OTHER_CASES: readonly string[] = ['id', 'addActor'];

const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const CODE_SIGNING = 'arn:aws:lambda:eu-central-1:123456789012:code-signing-config:csc-0123456789abcdef0';
const PRIVATE_KEY = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:former-key-AbCdEf';

export const CASES: readonly Case[] = [
  {
    prop: 'id',
    change: 'another id of the construct, or another place in the stack',
    reverse: 'the former one again',
    to: plain({ id: 'Safe' }),
  },
  {
    prop: 'addActor',
    change: 'an actor added',
    reverse: 'an actor removed',
    to: plain({ actors: { backend, signer: backend } }),
  },
  {
    prop: 'addActor',
    change: 'a kind given to an actor',
    reverse: 'a kind taken from an actor',
    to: plain({ actors: { backend: { ...backend, kinds: Object.values(MaterialKind) } } }),
  },
  { prop: 'environment', ...valued('NAME', 'another name'), to: plain({ environment: 'another' }) },
  {
    prop: 'shareKey',
    ...added,
    to: (stack, environment) => ({ shareKey: new ShareKey(stack, 'Own', { environment }) }),
  },
  {
    prop: 'retiringShareKeys',
    change: 'the next share key given',
    reverse: 'the next share key taken out',
    to: (stack, environment) => ({ retiringShareKeys: [nextKey(stack, environment)] }),
  },
  {
    prop: 'retiringShareKeys',
    change: 'trades places with `shareKey`',
    reverse: 'trades places back',
    from: (stack, environment) => ({ retiringShareKeys: [nextKey(stack, environment)] }),
    to: (stack, environment) => ({
      shareKey: nextKey(stack, environment),
      retiringShareKeys: [ShareKey.ofVault()],
    }),
  },
  {
    prop: 'retiringShareKeys',
    change: 'the former share key taken out',
    reverse: 'the former share key given again',
    from: (stack, environment) => ({
      shareKey: nextKey(stack, environment),
      retiringShareKeys: [ShareKey.ofVault()],
    }),
    to: (stack, environment) => ({ shareKey: nextKey(stack, environment) }),
  },
  {
    prop: 'retiringShareKeys',
    change: 'given together with a new `shareKey`',
    reverse: 'taken out together with `shareKey`',
    to: (stack, environment) => ({
      shareKey: nextKey(stack, environment),
      retiringShareKeys: [ShareKey.ofVault()],
    }),
  },
  {
    prop: 'reseal',
    ...added,
    to: plain({ reseal: { workers: 2, schedule: events.Schedule.rate(Duration.days(7)) } }),
  },
  { prop: 'reseal.workers', ...valued('1', '2'), to: plain({ reseal: { workers: 2 } }) },
  {
    prop: 'reseal.schedule',
    ...added,
    to: plain({ reseal: { schedule: events.Schedule.rate(Duration.days(7)) } }),
  },
  { prop: 'tombstones', ...added, to: plain({ tombstones: {} }) },
  {
    prop: 'tombstones.retention',
    ...valued('65', '90 days'),
    from: plain({ tombstones: {} }),
    to: plain({ tombstones: { retention: Duration.days(90) } }),
  },
  {
    prop: 'accessLog',
    ...added,
    from: plain({ tombstones: {} }),
    to: plain({ tombstones: {}, accessLog: { retention: Duration.days(90) } }),
  },
  {
    prop: 'accessLog.retention',
    ...valued('90', '180 days'),
    from: plain({ tombstones: {}, accessLog: { retention: Duration.days(90) } }),
    to: plain({ tombstones: {}, accessLog: { retention: Duration.days(180) } }),
  },
  {
    prop: 'restoreTesting',
    ...added,
    from: plain({ backupPlan: true }),
    to: plain({ backupPlan: true, restoreTesting: {} }),
  },
  {
    prop: 'restoreTesting.validationWindow',
    ...valued('24', '48 hours'),
    from: plain({ backupPlan: true, restoreTesting: {} }),
    to: plain({ backupPlan: true, restoreTesting: { validationWindow: Duration.hours(48) } }),
  },
  {
    prop: 'restoreTesting.schedule',
    ...valued('default', 'another one'),
    from: plain({ backupPlan: true, restoreTesting: {} }),
    to: plain({
      backupPlan: true,
      restoreTesting: { schedule: events.Schedule.cron({ weekDay: 'SAT', hour: '3', minute: '0' }) },
    }),
  },
  { prop: 'rotationPeriod', ...valued('90', '180 days'), to: plain({ rotationPeriod: Duration.days(180) }) },
  {
    prop: 'intakeKeyIds',
    change: 'a name added',
    reverse: 'a name removed',
    to: plain({ intakeKeyIds: ['intake-1', 'intake-2'] }),
  },
  {
    prop: 'webhookKeyIds',
    change: 'a name added',
    reverse: 'a name removed',
    to: plain({ webhookKeyIds: ['webhook-1', 'webhook-2'] }),
  },
  { prop: 'webhook', ...added, from: plain({ webhook: undefined }), to: plain({}) },
  {
    prop: 'webhook.responseTimeout',
    ...valued('default', '10 s'),
    to: plain({ webhook: { responseTimeout: Duration.seconds(10) } }),
  },
  { prop: 'webhook.throttleRate', ...valued('50', '20'), to: plain({ webhook: { throttleRate: 20 } }) },
  { prop: 'webhook.throttleBurst', ...valued('100', '40'), to: plain({ webhook: { throttleBurst: 40 } }) },
  {
    prop: 'webhook.privateKeys',
    change: 'a secret added',
    reverse: 'a secret removed',
    to: (stack) => ({
      webhook: { privateKeys: { former: Secret.fromSecretCompleteArn(stack, 'PrivateKey', PRIVATE_KEY) } },
    }),
  },
  { prop: 'alarmTopic', ...added, to: (stack) => ({ alarmTopic: new sns.Topic(stack, 'Topic') }) },
  { prop: 'removalPolicy', ...valued('RETAIN', 'DESTROY'), to: plain({ removalPolicy: RemovalPolicy.DESTROY }) },

  { prop: 'minCapacity', ...valued('1', '2'), from: plain({ minCapacity: 1 }), to: plain({ minCapacity: 2 }) },
  { prop: 'minCapacity', ...valued('0', '1'), from: plain({ minCapacity: 0 }), to: plain({ minCapacity: 1 }) },
  { prop: 'maxCapacity', ...valued('4', '8'), to: plain({ maxCapacity: 8 }) },
  {
    prop: 'autoPauseAfter',
    ...valued('10', '30 minutes'),
    from: plain({ minCapacity: 0 }),
    to: plain({ minCapacity: 0, autoPauseAfter: Duration.minutes(30) }),
  },
  { prop: 'readers', ...valued('1', '2'), from: plain({ readers: 1 }), to: plain({ readers: 2 }) },
  { prop: 'backupRetention', ...valued('35', '7 days'), to: plain({ backupRetention: Duration.days(7) }) },
  {
    prop: 'backupPlan',
    ...valued('false', 'true'),
    from: plain({ backupPlan: false }),
    to: plain({ backupPlan: true }),
  },
  {
    prop: 'engineVersion',
    change: 'a newer minor version',
    reverse: 'an older minor version',
    from: plain({ engineVersion: rds.AuroraPostgresEngineVersion.VER_17_7 }),
    to: plain({}),
  },
  {
    prop: 'engineVersion',
    change: 'a newer major version',
    reverse: 'an older major version',
    from: plain({ engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13 }),
    to: plain({}),
  },
  { prop: 'tlsFloor', ...valued('TLS_1_2', 'TLS_1_3'), to: plain({ tlsFloor: TlsFloor.TLS_1_3 }) },
  { prop: 'port', ...valued('5433', '5544'), to: plain({ port: 5544 }) },
  { prop: 'clusterIdentifier', ...added, to: plain({ clusterIdentifier: 'another-database' }) },
  { prop: 'restoreToken', ...added, to: plain({ restoreToken: '2026-11-28' }) },
  {
    prop: 'restoreToken',
    change: 'changed',
    reverse: 'changed back',
    from: plain({ restoreToken: '2026-11-28' }),
    to: plain({ restoreToken: '2026-11-29' }),
  },

  { prop: 'memorySize', ...valued('512', '1024'), to: plain({ memorySize: 1024 }) },
  { prop: 'reservedConcurrency', ...added, to: plain({ reservedConcurrency: 5 }) },
  {
    prop: 'reserveConcurrency',
    ...valued('false', 'true'),
    from: plain({ reserveConcurrency: false }),
    to: plain({ reserveConcurrency: true }),
  },
  { prop: 'signedCode', ...added, to: (stack) => signed(stack) },
  {
    prop: 'codeSigningConfig',
    ...added,
    from: (stack) => signed(stack),
    to: (stack) => ({
      ...signed(stack),
      codeSigningConfig: lambda.CodeSigningConfig.fromCodeSigningConfigArn(stack, 'Signing', CODE_SIGNING),
    }),
  },
  {
    prop: 'logRetention',
    ...valued('one year', 'two years'),
    to: plain({ logRetention: logs.RetentionDays.TWO_YEARS }),
  },
  { prop: 'bundles', ...valued('code', 'other code'), to: () => ({ bundles: fixtureBundles('another ') }) },

  { prop: 'vpc', ...added, to: (stack) => ({ vpc: vpc(stack) }) },
  {
    prop: 'vpcSubnets',
    ...valued('with egress', 'isolated'),
    from: (stack) => ({ vpc: vpc(stack) }),
    to: (stack) => ({ vpc: vpc(stack), vpcSubnets: isolated }),
  },
  {
    prop: 'vpcZones',
    ...added,
    from: (stack) => ({ vpc: vpc(stack) }),
    to: (stack) => ({ vpc: vpc(stack), vpcZones: 2 }),
  },
  { prop: 'availabilityZones', ...added, to: plain({ availabilityZones: ZONES.slice(0, 2) }) },
  {
    prop: 'availabilityZones',
    change: 'a zone added',
    reverse: 'a zone removed',
    from: plain({ availabilityZones: ZONES.slice(0, 2) }),
    to: plain({ availabilityZones: ZONES }),
  },
  { prop: 'cidr', ...valued('10.0.0.0/24', '10.1.0.0/24'), to: plain({ cidr: '10.1.0.0/24' }) },
  {
    prop: 'endpoints',
    ...valued('false', 'true'),
    from: (stack) => ({ vpc: vpc(stack), vpcSubnets: isolated }),
    to: (stack) => ({ vpc: vpc(stack), vpcSubnets: isolated, endpoints: true }),
  },
  { prop: 'endpointZones', ...valued('1', '2'), from: plain({ endpointZones: 1 }), to: plain({ endpointZones: 2 }) },
  { prop: 'consumerEndpoint', ...valued('false', 'true'), to: plain({ consumerEndpoint: true }) },
  ...ELSEWHERE_CASES,
];
