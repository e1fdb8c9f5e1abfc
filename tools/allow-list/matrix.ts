import { Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Egress } from '../../lib/egress';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareKey } from '../../lib/share-key';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { TlsFloor } from '../../lib/tls-floor';
import { ELSEWHERE, OTHERS } from './elsewhere';

/** A function that makes one reviewed vault in a stack. */
export type Make = (stack: Stack, bundles: string) => ShareVault;

/** A reviewed choice of options. */
export interface Reviewed {
  readonly env?: { readonly account: string; readonly region: string };
  readonly make: Make;
}

const HERE = { account: '111111111111', region: 'eu-west-1' };
const ZONES = ['eu-west-1a', 'eu-west-1b'];
const KINDS = [MaterialKind.DELEGATED_SHARE];
const CALLS = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
/** The props of most of the reviewed vaults. */
const USUAL = { environment: 'amber', webhook: {} };

function vault(stack: Stack, bundles: string | undefined, props: Partial<ShareVaultProps> = {}): ShareVault {
  const made = new ShareVault(stack, 'Vault', { ...USUAL, ...(bundles !== undefined && { bundles }), ...props });
  made.addActor('backend', { kinds: KINDS, operations: CALLS });
  made.addActor('auditor', { operations: [Operation.AUDIT] });
  return made;
}

const usual =
  (props: Partial<ShareVaultProps>): Make =>
  (stack, bundles) =>
    vault(stack, bundles, props);

/** Makes a vault during a replacement of its share key, before or after the keys trade places. */
const replacing =
  (place: 'before' | 'after', props: (stack: Stack) => Partial<ShareVaultProps> = () => ({})): Make =>
  (stack, bundles) => {
    const { environment = 'amber', removalPolicy, ...others } = props(stack);
    const next = new ShareKey(stack, 'NextKey', { environment, ...(removalPolicy && { removalPolicy }) });
    const keys =
      place === 'before' ? { retiringShareKeys: [next] } : { shareKey: next, retiringShareKeys: [ShareKey.ofVault()] };
    return vault(stack, bundles, { environment, ...(removalPolicy && { removalPolicy }), ...others, ...keys });
  };

/** Makes a vault with several share keys that only open, before or after the keys trade places. */
const replacingAll =
  (place: 'before' | 'after', count: number, props: Partial<ShareVaultProps> = {}): Make =>
  (stack, bundles) => {
    const keys = Array.from(
      { length: count },
      (_, at) => new ShareKey(stack, `NextKey${at}`, { environment: 'amber' }),
    );
    const [next, ...others] = keys;
    const choice =
      place === 'before' || next === undefined
        ? { retiringShareKeys: keys }
        : { shareKey: next, retiringShareKeys: [ShareKey.ofVault(), ...others] };
    return vault(stack, bundles, { ...choice, ...props });
  };

function stackBeside(stack: Stack): Stack {
  const app = Stage.of(stack);
  if (app === undefined) throw new Error('expected a stack of an app, got one without');
  return new Stack(app, 'Theirs');
}

function beside(stack: Stack): Partial<ShareVaultProps> {
  const vpc = new ec2.Vpc(stackBeside(stack), 'Vpc', { maxAzs: 2 });
  return { vpc, endpoints: true, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } };
}

/** Imports an existing network by its attributes. */
function network(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
    vpcId: 'vpc-0123456789abcdef0',
    vpcCidrBlock: '10.20.0.0/16',
    availabilityZones: ZONES,
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    isolatedSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
    isolatedSubnetRouteTableIds: ['rtb-0123456789abcdef2', 'rtb-0123456789abcdef3'],
  });
}

/** Returns archives that a signing job left in a bucket. */
function signedCode(stack: Stack): Readonly<Record<string, lambda.Code>> {
  const bucket = s3.Bucket.fromBucketName(stack, 'Signed', 'signed-code');
  const names = [
    'seal',
    'unseal',
    'revoke',
    'properties',
    'audit',
    'freeze',
    'thaw',
    'migrate',
    'receive',
    'reseal',
    'restore-check',
  ];
  return Object.fromEntries(
    names.map((name) => [name, lambda.Code.fromBucketV2(bucket, `signed/${name}.zip`, { objectVersion: 'version-1' })]),
  );
}

function signing(stack: Stack): Partial<ShareVaultProps> {
  const arn = 'arn:aws:lambda:eu-west-1:111111111111:code-signing-config:csc-0123456789abcdef0';
  const codeSigningConfig = lambda.CodeSigningConfig.fromCodeSigningConfigArn(stack, 'Signing', arn);
  return { signedCode: signedCode(stack), codeSigningConfig };
}

function secret(stack: Stack, name: string, encryptionKey?: kms.IKey): secretsmanager.ISecret {
  const secretCompleteArn = `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}-AbCdEf`;
  return secretsmanager.Secret.fromSecretAttributes(stack, name, {
    secretCompleteArn,
    ...(encryptionKey && { encryptionKey }),
  });
}

function key(stack: Stack): kms.IKey {
  return kms.Key.fromKeyArn(stack, 'TheirKey', 'arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef'); // prettier-ignore
}

/** Vaults that test their restores. */
const TESTING: Readonly<Record<string, Reviewed>> = {
  'that tests its restores': { make: usual({ restoreTesting: {} }) },
  'that tests its restores, at another time': {
    make: usual({
      restoreTesting: {
        schedule: events.Schedule.cron({ weekDay: 'MON', hour: '7', minute: '30' }),
        validationWindow: Duration.hours(8),
      },
    }),
  },
  'that tests its restores, in prod': {
    make: usual({ environment: 'prod', minCapacity: 1, readers: 1, restoreTesting: {} }),
  },
  'that tests its restores, without a webhook': { make: usual({ webhook: undefined, restoreTesting: {} }) },
  'that tests its restores, retained in every case': {
    make: usual({ removalPolicy: RemovalPolicy.RETAIN, restoreTesting: {} }),
  },
  'that tests its restores, with concurrency of its own': {
    make: usual({ reservedConcurrency: 5, restoreTesting: {} }),
  },
  'that tests its restores, in an imported network': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), restoreTesting: {} }),
  },
  'that tests its restores, in an imported network with endpoints': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), endpoints: true, restoreTesting: {} }),
  },
  'that tests its restores, with signed code': {
    make: (stack) => vault(stack, undefined, { ...signing(stack), restoreTesting: {} }),
  },
  'that tests its restores, with a former share key': { make: replacing('after', () => ({ restoreTesting: {} })) },
  'that tests its restores, with a former share key, in an imported network': {
    env: HERE,
    make: replacing('after', (stack) => ({ vpc: network(stack), restoreTesting: {} })),
  },
  'that tests its restores, with a former share key, in an imported network with endpoints': {
    env: HERE,
    make: replacing('after', (stack) => ({ vpc: network(stack), endpoints: true, restoreTesting: {} })),
  },
  'that tests its restores, with a backup plan, and goes with its stack': {
    make: usual({ removalPolicy: RemovalPolicy.DESTROY, backupPlan: true, restoreTesting: {} }),
  },
  'that tests its restores, with an alarm topic from elsewhere': {
    make: (stack, bundles) =>
      vault(stack, bundles, {
        alarmTopic: new sns.Topic(stack, 'Alarms', { enforceSSL: true }),
        restoreTesting: {},
      }),
  },
  "that tests its restores, in another stack's network": {
    make: (stack, bundles) => vault(stack, bundles, { ...beside(stack), restoreTesting: {} }),
  },
  'that tests its restores, in two zones of a known region': {
    env: HERE,
    make: usual({ availabilityZones: ZONES, restoreTesting: {} }),
  },
  ...Object.fromEntries(
    [2, 3, 4].map((count) => [
      `that tests its restores, with ${count} former share keys`,
      { make: replacingAll('after', count, { restoreTesting: {} }) },
    ]),
  ),
};

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
