import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Egress } from '../../lib/egress';
import { Operation } from '../../lib/operation';
import { ShareKey } from '../../lib/share-key';
import { ShareVault } from '../../lib/share-vault';
import { TlsFloor } from '../../lib/tls-floor';
import { ELSEWHERE, OTHERS } from './elsewhere';
import {
  CALLS,
  HERE,
  KINDS,
  USUAL,
  ZONES,
  beside,
  key,
  network,
  replacing,
  replacingAll,
  secret,
  signing,
  stackBeside,
  type Reviewed,
  usual,
  vault,
} from './makes';
import { TESTING } from './restore-testing';

/** The choices of options that the allow-list is taken from: a usual vault, then others with one or two differences. */
export const MATRIX: Readonly<Record<string, Reviewed>> = {
  'the usual one': { make: usual({}) },
  dev: { make: usual({ environment: 'dev' }) },
  prod: { make: usual({ environment: 'prod', minCapacity: 1, maxCapacity: 16, readers: 1 }) },
  'without a webhook': { make: usual({ webhook: undefined }) },
  'without a backup plan': { make: usual({ backupPlan: false }) },
  'that goes with its stack': { make: usual({ removalPolicy: RemovalPolicy.DESTROY }) },
  'that goes with its stack, without a webhook': {
    make: usual({ removalPolicy: RemovalPolicy.DESTROY, webhook: undefined }),
  },
  'that is retained in every case': { make: usual({ removalPolicy: RemovalPolicy.RETAIN }) },
  'with readers': { make: usual({ readers: 2 }) },
  'that pauses': { make: usual({ minCapacity: 0, autoPauseAfter: Duration.minutes(20) }) },
  'with endpoints in one zone': { make: usual({ endpointZones: 1 }) },
  'with a consumer endpoint': { make: usual({ consumerEndpoint: true }) },
  'with a consumer endpoint and no webhook': { make: usual({ consumerEndpoint: true, webhook: undefined }) },
  'with several keys': {
    make: usual({ intakeKeyIds: ['intake-1', 'intake-2'], webhookKeyIds: ['webhook-1', 'webhook-2'] }),
  },
  'with a reseal on a schedule': { make: usual({ reseal: { schedule: events.Schedule.rate(Duration.days(7)) } }) },
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8].map((workers) => [
      `with ${workers} workers of a reseal`,
      { make: usual({ reseal: { workers } }) },
    ]),
  ),
  ...TESTING,
  'with private keys': {
    make: (stack, bundles) =>
      vault(stack, bundles, { webhook: { privateKeys: { old: secret(stack, 'Old'), older: secret(stack, 'Older') } } }),
  },
  'with private keys only': {
    make: (stack, bundles) =>
      vault(stack, bundles, { webhookKeyIds: [], webhook: { privateKeys: { old: secret(stack, 'Old') } } }),
  },
  "with private keys under another's key": {
    make: (stack, bundles) =>
      vault(stack, bundles, { webhook: { privateKeys: { old: secret(stack, 'Old', key(stack)) } } }),
  },
  'with numbers of its own': {
    make: usual({
      memorySize: 1024,
      logRetention: logs.RetentionDays.TWO_YEARS,
      rotationPeriod: Duration.days(365),
      backupRetention: Duration.days(14),
      port: 5555,
      maxCapacity: 8,
      minCapacity: 2,
      cidr: '10.9.0.0/22',
      clusterIdentifier: 'my-vault',
      restoreToken: 'second',
      webhook: { responseTimeout: Duration.seconds(9), throttleRate: 7, throttleBurst: 9 },
    }),
  },
  'with concurrency of its own': { make: usual({ reservedConcurrency: 5 }) },
  'without reserved concurrency': { make: usual({ reserveConcurrency: false }) },
  'with a higher floor for TLS': { make: usual({ tlsFloor: TlsFloor.TLS_1_3 }) },
  'with signed code': { make: (stack) => vault(stack, undefined, signing(stack)) },
  'with a share key from before': {
    make: (stack, bundles) =>
      vault(stack, bundles, { shareKey: new ShareKey(stack, 'ShareKey', { environment: 'amber' }) }),
  },
  'with a key that opens before it seals': { make: replacing('before') },
  'with a former share key': { make: replacing('after') },
  ...Object.fromEntries(
    [2, 3, 4].flatMap((count) => [
      [`with ${count} keys that only open`, { make: replacingAll('before', count) }],
      [`with ${count} former share keys`, { make: replacingAll('after', count) }],
    ]),
  ),
  'with a former share key, without a webhook': { make: replacing('after', () => ({ webhook: undefined })) },
  'with a former share key, without a backup plan': { make: replacing('after', () => ({ backupPlan: false })) },
  'with a former share key, and an alarm topic from elsewhere': {
    make: replacing('after', (stack) => ({ alarmTopic: new sns.Topic(stack, 'Alarms', { enforceSSL: true }) })),
  },
  'with a former share key, in prod': {
    make: replacing('after', () => ({ environment: 'prod', minCapacity: 1, readers: 1 })),
  },
  'with a former share key, that goes with its stack': {
    make: replacing('after', () => ({ removalPolicy: RemovalPolicy.DESTROY })),
  },
  'with a former share key, that is retained in every case': {
    make: replacing('after', () => ({ removalPolicy: RemovalPolicy.RETAIN })),
  },
  'with a former share key, in an imported network': {
    env: HERE,
    make: replacing('after', (stack) => ({ vpc: network(stack) })),
  },
  'with a former share key, in an imported network with endpoints': {
    env: HERE,
    make: replacing('after', (stack) => ({ vpc: network(stack), endpoints: true })),
  },
  ...Object.fromEntries(Object.entries(ELSEWHERE).map(([name, props]) => [name, { make: usual(props) }])),
  'with other keys, in an imported network': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), otherKeys: OTHERS, egress: Egress.vpc() }),
  },
  'with other keys, in an imported network with endpoints': {
    env: HERE,
    make: (stack, bundles) =>
      vault(stack, bundles, { vpc: network(stack), endpoints: true, otherKeys: OTHERS, egress: Egress.vpc() }),
  },
  'with an alarm topic from elsewhere': {
    make: (stack, bundles) =>
      vault(stack, bundles, { alarmTopic: new sns.Topic(stack, 'Alarms', { enforceSSL: true }) }),
  },
  'with actors of other accounts': {
    make: (stack, bundles) => {
      const made = vault(stack, bundles);
      made.addActor('partner', { kinds: KINDS, operations: CALLS, accounts: ['222222222222', '333333333333'] }); // prettier-ignore
      made.addActor('watcher', { operations: [Operation.AUDIT], accounts: ['222222222222'] });
      return made;
    },
  },
  'with an actor for each operation': {
    make: (stack, bundles) => {
      const made = new ShareVault(stack, 'Vault', { ...USUAL, bundles });
      for (const operation of Object.values(Operation))
        made.addActor(`only-${operation}`, { kinds: KINDS, operations: [operation], accounts: ['222222222222'] });
      return made;
    },
  },
  'without an actor': { make: (stack, bundles) => new ShareVault(stack, 'Vault', { ...USUAL, bundles }) },
  'in an imported network': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack) }),
  },
  'in an imported network, with endpoints': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), endpoints: true }),
  },
  'in an imported network, with a consumer endpoint': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), endpoints: true, consumerEndpoint: true }),
  },
  'in an imported network, without a webhook': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), webhook: undefined }),
  },
  'in an imported network, with endpoints and without a webhook': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), endpoints: true, webhook: undefined }),
  },
  "in another stack's network": { make: (stack, bundles) => vault(stack, bundles, beside(stack)) },
  "with another stack's private key": {
    make: (stack, bundles) => {
      const theirs = stackBeside(stack);
      const encryptionKey = new kms.Key(theirs, 'Key', { enableKeyRotation: true });
      const old = new secretsmanager.Secret(theirs, 'Secret', { encryptionKey });
      return vault(stack, bundles, { webhook: { privateKeys: { old } } });
    },
  },
  'in three zones of a known region': {
    env: HERE,
    make: usual({ availabilityZones: [...ZONES, 'eu-west-1c'], endpointZones: 3 }),
  },
  'in the region of the identity service': {
    env: { ...HERE, region: 'us-east-1' },
    make: usual({ availabilityZones: ['us-east-1a', 'us-east-1b'] }),
  },
  'in two zones of a known region': { env: HERE, make: usual({ availabilityZones: ZONES }) },
};
