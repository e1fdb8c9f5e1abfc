import { Schedule } from 'aws-cdk-lib/aws-events';
import { AuroraPostgresEngineVersion as VERSION } from 'aws-cdk-lib/aws-rds';
import { Aws, Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';

/** Values of one kind of prop: the edges that a service takes, and those that it refuses, JavaScript's among them. */
export interface Values {
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
}

export const TOKEN = Aws.REGION;
export const NO_TEXT = [null, 7, true, {}, [], ''];
const NO_NUMBER = [null, Number.NaN, Number.POSITIVE_INFINITY, '4', {}, [], Lazy.number({ produce: () => 4 })];
export const NO_DURATION = [null, 90, '90 days', {}, Duration.days(Lazy.number({ produce: () => 90 }))];
export const LONG = (length: number): string => 'a'.repeat(length);

export function texts(accepted: readonly string[], refused: readonly unknown[]): Values {
  const first = accepted[0] ?? '';
  return { accepted, refused: [...NO_TEXT, `${first}\n`, ` ${first}`, `${first}é`, TOKEN, ...refused] };
}

/** A list of the same texts: values that are no list or no element. */
function listOf({ accepted, refused }: Values, most = accepted.length): Values {
  const elements = [undefined, ...refused].map((value) => [value]);
  return { accepted: [accepted.slice(0, most)], refused: [null, 7, {}, accepted[0], TOKEN, ...elements] };
}

/** A list that names nothing twice. */
const twiceRefused = ({ accepted, refused }: Values, value: string): Values => ({
  accepted,
  refused: [...refused, [value, value]],
});

/** A text that CloudFormation may resolve. */
const orToken = ({ accepted, refused }: Values): Values => ({
  accepted: [...accepted, TOKEN],
  refused: refused.filter((value) => value !== TOKEN),
});

export const required = ({ accepted, refused }: Values): Values => ({ accepted, refused: [undefined, ...refused] });

export const numbers = (accepted: readonly number[], refused: readonly number[]): Values => ({
  accepted,
  refused: [...NO_NUMBER, ...refused],
});

export const durations = (accepted: readonly Duration[], refused: readonly Duration[]): Values => ({
  accepted,
  refused: [...NO_DURATION, ...refused],
});

export const members = (accepted: readonly unknown[], refused: readonly unknown[]): Values => ({
  accepted,
  refused: [null, {}, [], '', TOKEN, ...refused],
});

const NO_KIDS = [LONG(65), 'a b', 'a/b', '__proto__'];
const kid = texts(['a', '-_.', LONG(64)], NO_KIDS);
const listedKid = texts(['a', 'b-_.', LONG(64)], [...NO_KIDS, '-_.']);
const account = texts(['000000000000', '123456789012'], ['12345678901', '1234567890123', 123456789012]);
const actor = texts(['a', 'a-', LONG(63)], [LONG(64), 'Signer', '1', '-a', 'a_b', '$LATEST']);
const KEY_ARN = 'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab';
const NO_KEY_ARNS = [...NO_TEXT, undefined, KEY_ARN.replace('key/', 'alias/'), `${KEY_ARN}*`, 'key/1'];
const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:dynamic/key-AbCdEf';

export const VALUES = {
  environment: required(
    texts(['ab', 'a1', 'a-b-c', LONG(16)], ['Prod', 'p', LONG(17), 'dev-', 'a--b', '-dev', '1dev', 'a_b', 'a.b']),
  ),
  actor: required(actor),
  actors: listOf(actor),
  kid: required(kid),
  kids: listOf(listedKid, 3),
  foreignKids: listOf(kid, 3),
  account: required(account),
  accountOrToken: orToken(account),
  accounts: twiceRefused(listOf(account), '123456789012'),
  region: orToken(
    texts(
      ['eu-west-1', 'us-gov-west-1', 'ap-southeast-7', 'eusc-de-east-1'],
      ['EU-WEST-1', 'eu-west', 'europe', 'e-w-1'],
    ),
  ),
  intakeKeys: {
    accepted: [{}, { a: KEY_ARN, [LONG(64)]: TOKEN }],
    refused: [
      null,
      7,
      'a',
      [],
      TOKEN,
      ...NO_KEY_ARNS.map((a) => ({ a })),
      ...NO_KIDS.map((kid) => ({ [kid]: KEY_ARN })),
    ],
  },
  secretArn: required(orToken(texts([SECRET_ARN], [SECRET_ARN.replace('-AbCdEf', ''), KEY_ARN, '*']))),
  clusterIdentifier: texts(
    ['a', 'wallets-prod', LONG(63)],
    [LONG(64), 'Wallets-Prod', 'a--b', 'a-', '-a', '1a', 'a_b', 'a.b'],
  ),
  stackName: required(texts(['ShareVault-prod', 'a', LONG(128)], [LONG(129), '1a', 'a_b', '-a', 'a b'])),
  restoreToken: texts(['2026-11-28T10:00:00+01:00', 'a', LONG(64)], [LONG(65), '${aws:username}', 'a\tb', '"']),
  databaseUser: texts(['_', 'vault_sealer', LONG(63)], [LONG(64), '*', 'Vault', 'vault-sealer', 'a b']),
  requiredDatabaseUser: required(texts(['vault_sealer'], ['*', 'vault-sealer'])),
  handler: required(texts(['seal'], ['Seal', '../seal', 'a/b', LONG(36)])),
  bundles: { accepted: [], refused: [null, 7, {}, [], '', TOKEN, 'a\0b'] },
  logGroups: required(orToken(texts(['/aws/lambda/a_b.c#1', '*', LONG(512)], [LONG(513), 'a b', 'a:b']))),
  variables: {
    accepted: [{}, { AB: 'x', A1_: TOKEN }],
    refused: [null, 7, 'A=b', [], { A: 'x' }, { '1A': 'x' }, { 'A-B': 'x' }, { AB: undefined }, { AB: 1 }, { AB: {} }],
  },
  minCapacity: numbers([0, 0.5, 4], [-0.5, 0.7, 256.5]),
  maxCapacity: numbers([1, 1.5, 256], [0, 0.5, 1.2, 256.5]),
  readers: numbers([0, 15], [-1, 0.5, 16]),
  port: numbers([1_150, 65_535], [0, -1, 1_149, 65_536, 5433.5]),
  workers: numbers([1, 8], [0, -1, 1.5, 9]),
  schedule: { accepted: [Schedule.rate(Duration.days(7))], refused: [null, 7, 'rate(7 days)', {}, []] },
  reseal: { accepted: [{}, { workers: 2 }], refused: [null, 7, true, [], ''] },
  endpointZones: numbers([1, 2, 3], [0, -1, 4, 1.5]),
  memorySize: numbers([128, 10_240], [64, 127, 10_241, 128.5, -128]),
  reservedConcurrency: numbers([1, 100_000], [0, -1, 1.5, 100_001]),
  throttleRate: numbers([1, 10_000], [0, -1, 10_001, 1.5]),
  throttleBurst: numbers([1, 5_000], [0, -1, 5_001, 1.5]),
  rotationPeriod: durations(
    [Duration.days(90), Duration.days(2_560)],
    [Duration.days(89), Duration.hours(2_161), Duration.days(2_561)],
  ),
  backupRetention: durations(
    [Duration.days(1), Duration.days(35)],
    [Duration.days(0), Duration.hours(36), Duration.days(36)],
  ),
  backupDays: numbers([1, 35], [0, -1, 36, 1.5]),
  tombstones: { accepted: [{}, { retention: Duration.days(36) }], refused: [null, 7, true, [], ''] },
  tombstoneRetention: durations(
    [Duration.days(8), Duration.days(3_650)],
    [Duration.days(7), Duration.hours(200), Duration.days(3_651)],
  ),
  accessLog: { accepted: [{}], refused: [null, 7, true, [], ''] },
  logRetentionPeriod: durations(
    [Duration.days(90), Duration.days(3_650)],
    [Duration.days(89), Duration.hours(2_161), Duration.days(3_651)],
  ),
  restoreTesting: { accepted: [{}, { validationWindow: Duration.hours(8) }], refused: [null, 7, true, [], ''] },
  restoreSchedule: {
    accepted: [Schedule.cron({ weekDay: 'SAT', hour: '3', minute: '0' })],
    refused: [null, 7, 'cron(0 3 ? * SAT *)', {}, [], Schedule.rate(Duration.days(7))],
  },
  validationWindow: durations(
    [Duration.hours(4), Duration.days(7)],
    [Duration.hours(3), Duration.minutes(270), Duration.hours(169)],
  ),
  autoPauseAfter: durations(
    [Duration.minutes(5), Duration.days(1)],
    [Duration.seconds(299), Duration.seconds(86_401), Duration.millis(300_500)],
  ),
  responseTimeout: durations(
    [Duration.millis(500), Duration.seconds(29)],
    [Duration.millis(499), Duration.millis(29_001)],
  ),
  timeout: durations(
    [Duration.seconds(1), Duration.minutes(15)],
    [Duration.seconds(0), Duration.millis(1_500), Duration.seconds(901)],
  ),
  requiredFlag: { accepted: [true, false], refused: [undefined, null, 'false', 0, 1, {}, TOKEN] },
  flag: { accepted: [true, false], refused: [null, 'false', 0, 1, {}, TOKEN] },
  removalPolicy: {
    accepted: [RemovalPolicy.RETAIN, RemovalPolicy.DESTROY, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE],
    refused: [null, RemovalPolicy.SNAPSHOT, 'DESTROY', 'Delete', 7, {}, '', TOKEN],
  },
  logRetention: members([1, 3_653, 9_999], [2, 0, -1, '365', 'ONE_YEAR']),
  tlsFloor: members(['TLSv1.2', 'TLSv1.3'], ['TLSv1.1', 'TLS_1_2', 'tlsv1.2', '1.3', 1.3]),
  purpose: members(['webhook', 'intake'], [undefined, 'WEBHOOK', 'both', 7]),
  kinds: {
    accepted: [['delegated-share'], ['server-key-shares'], ['delegated-share', 'server-key-shares']],
    refused: [
      null,
      7,
      {},
      'delegated-share',
      TOKEN,
      [undefined],
      ['delegatedShare'],
      [TOKEN],
      [{}],
      ['delegated-share', 'delegated-share'],
    ],
  },
  operations: {
    accepted: [['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw']],
    refused: [null, 7, {}, 'unseal', TOKEN, [undefined], ['UNSEAL'], ['reseal'], [TOKEN], [{}], ['unseal', 'unseal']],
  },
  engineVersion: {
    accepted: [VERSION.of('16.3', '16'), VERSION.of('18.1', '18'), VERSION.of('16.1', '16')],
    refused: [
      null,
      17,
      '17.9',
      {},
      { auroraPostgresFullVersion: '15.10', auroraPostgresMajorVersion: '15' },
      { auroraPostgresFullVersion: '15.10', auroraPostgresMajorVersion: '17' },
      { auroraPostgresFullVersion: '17.9', auroraPostgresMajorVersion: '15' },
      { auroraPostgresFullVersion: '9.6', auroraPostgresMajorVersion: '9' },
      { auroraPostgresFullVersion: 'latest', auroraPostgresMajorVersion: 'latest' },
      { auroraPostgresFullVersion: TOKEN, auroraPostgresMajorVersion: TOKEN },
    ],
  },
  domains: listOf(
    texts(
      ['cloudkms.googleapis.com', `${LONG(63)}.example.org`],
      [
        '.googleapis.com',
        '*.example.com',
        'com',
        'example.com:443',
        'https://example.com',
        '10.0.0.1',
        `${LONG(64)}.com`,
      ],
    ),
  ),
  destinations: listOf(
    texts(['vault.example.com:8200', 'other.example.com:65535'], ['vault.example.com', 'https://a.example:443', 'a:0', 'a:65536', 'A:1']), // prettier-ignore
  ),
  endpointService: required(
    orToken(
      texts(
        [
          'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0',
          'cn.com.amazonaws.vpce.cn-north-1.vpce-svc-01234567',
        ],
        ['com.amazonaws.eu-west-1.kms', 'vpce-svc-0123456789abcdef0', 'com.amazonaws.vpce.eu-west-1.vpce-svc-x'],
      ),
    ),
  ),
  proxyUrl: required(
    texts(
      ['http://proxy.example.com:3128', 'http://10.0.0.9:80'],
      [
        'https://proxy.example.com:3128',
        'http://proxy.example.com',
        'http://user@proxy.example.com:3128',
        'http://a:1/',
      ],
    ),
  ),
  audiences: listOf(texts(['api://AzureADTokenExchange', LONG(255)], ['a b', '*', LONG(256)])),
  peer: { accepted: [], refused: [undefined, null, '10.0.0.0/24', {}, []] },
  privateKeys: { accepted: [{}], refused: [null, 7, 'a', [], { a: undefined }, { a: null }, { a: SECRET_ARN }] },
} as const satisfies Readonly<Record<string, Values>>;
