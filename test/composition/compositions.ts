import { type App, NestedStack, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { cdkApp, fixtureBundles } from '../support/synth';

/** A vault inside a larger app, and the functions of that app that use it. */
export interface Composition {
  readonly app: App;
  readonly vault: ShareVault;
  readonly consumers: readonly lambda.Function[];
}

type Compose = (app: App) => Omit<Composition, 'app'>;

const HERE = { account: '111111111111', region: 'eu-west-1' };
const THERE = { account: '222222222222', region: 'eu-west-1' };
const ZONES = ['eu-west-1a', 'eu-west-1b'];

export function vaultIn(scope: Construct, props: Partial<ShareVaultProps> = {}, id = 'Vault'): ShareVault {
  const vault = new ShareVault(scope, id, { environment: 'staging', bundles: fixtureBundles(), ...props });
  vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE] });
  return vault;
}

export function consumerIn(scope: Construct, props: Partial<lambda.FunctionProps> = {}, id = 'Consumer') {
  return new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {}'),
    ...props,
  });
}

function connected(vault: ShareVault, ...consumers: lambda.Function[]): Omit<Composition, 'app'> {
  const operations = [Operation.SEAL, Operation.UNSEAL];
  for (const consumer of consumers) vault.connect(consumer, { actor: 'signer', operations });
  return { vault, consumers };
}

const COMPOSITIONS: Readonly<Record<string, Compose>> = {
  'by itself': (app) => connected(vaultIn(new Stack(app, 'Mine'))),
  'with a consumer in the same stack': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(stack), consumerIn(stack));
  },
  'with consumers in another stack': (app) => {
    const other = new Stack(app, 'Theirs');
    return connected(vaultIn(new Stack(app, 'Mine')), consumerIn(other), consumerIn(other, {}, 'Second'));
  },
  'with a consumer in a nested stack': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(stack), consumerIn(new NestedStack(stack, 'Nested')));
  },
  'in a nested stack, with a consumer in its parent': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(new NestedStack(stack, 'Nested')), consumerIn(stack));
  },
  'in a stage, with a consumer in another stack of it': (app) => {
    const stage = new Stage(app, 'Stage');
    return connected(vaultIn(new Stack(stage, 'Mine')), consumerIn(new Stack(stage, 'Theirs')));
  },
  'with a consumer in another account, which imports it': (app) => {
    const vault = vaultIn(new Stack(app, 'Mine', { env: HERE }), { availabilityZones: ZONES });
    vault.addActor('partner', {
      kinds: [MaterialKind.DELEGATED_SHARE],
      operations: [Operation.UNSEAL],
      accounts: [THERE.account],
    });
    const other = new Stack(app, 'Theirs', { env: THERE });
    const imported = ShareVault.fromShareVaultAttributes(other, 'Vault', { environment: 'staging', ...HERE });
    const consumer = consumerIn(other);
    imported.connect(consumer, { actor: 'partner' });
    return { vault, consumers: [consumer] };
  },
  'beside another vault in the same stack, with a consumer of both': (app) => {
    const stack = new Stack(app, 'Mine');
    const second = vaultIn(stack, { environment: 'second' }, 'Second');
    const consumer = consumerIn(stack);
    second.grantUnseal(consumer, { actor: 'signer' });
    return connected(vaultIn(stack), consumer);
  },
  'with a webhook': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(stack, { webhook: {} }), consumerIn(stack));
  },
  'with a webhook in a nested stack, and a consumer in its parent': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(new NestedStack(stack, 'Nested'), { webhook: {} }), consumerIn(stack));
  },
  "with a webhook that opens another stack's private key, under a key there": (app) => {
    const theirs = new Stack(app, 'Theirs');
    const encryptionKey = new kms.Key(theirs, 'Key', { enableKeyRotation: true });
    const secret = new secretsmanager.Secret(theirs, 'Secret', { encryptionKey });
    const mine = new Stack(app, 'Mine');
    return connected(vaultIn(mine, { webhook: { privateKeys: { old: secret } } }), consumerIn(mine));
  },
  'with a webhook beside another one in the same stack': (app) => {
    const stack = new Stack(app, 'Mine');
    // two vaults with a webhook have more than the 500 resources of a stack
    vaultIn(stack, { environment: 'second' }, 'Second');
    return connected(vaultIn(stack, { webhook: {} }), consumerIn(stack));
  },
  'in an imported network': (app) => {
    const stack = new Stack(app, 'Mine', { env: HERE });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ZONES,
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    });
    return connected(vaultIn(stack, { vpc, webhook: {} }), consumerIn(stack, { vpc }));
  },
  "in another stack's network, with endpoints, a consumer and a topic there": (app) => {
    const shared = new Stack(app, 'Shared');
    const vpc = new ec2.Vpc(shared, 'Vpc', { maxAzs: 2 });
    const alarmTopic = new sns.Topic(shared, 'Alarms', { enforceSSL: true });
    const vault = vaultIn(new Stack(app, 'Mine'), { vpc, alarmTopic, endpoints: true, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } }); // prettier-ignore
    return connected(vault, consumerIn(new Stack(app, 'Theirs'), { vpc }));
  },
  'with a consumer of another stack inside its own network': (app) => {
    const vault = vaultIn(new Stack(app, 'Mine'), { consumerEndpoint: true });
    const { vpc, vpcSubnets } = vault.network;
    return connected(vault, consumerIn(new Stack(app, 'Theirs'), { vpc, vpcSubnets, allowAllOutbound: false }));
  },
  'in a nested stack, with a consumer of its parent inside its own network': (app) => {
    const stack = new Stack(app, 'Mine');
    const vault = vaultIn(new NestedStack(stack, 'Nested'), { consumerEndpoint: true });
    const { vpc, vpcSubnets } = vault.network;
    return connected(vault, consumerIn(stack, { vpc, vpcSubnets, allowAllOutbound: false }));
  },
  "with an endpoint for consumers in another stack's network, and a consumer of a third one there": (app) => {
    const vpc = new ec2.Vpc(new Stack(app, 'Shared'), 'Vpc', { maxAzs: 2 });
    const vault = vaultIn(new Stack(app, 'Mine'), { vpc, consumerEndpoint: true });
    return connected(vault, consumerIn(new Stack(app, 'Theirs'), { vpc, allowAllOutbound: false }));
  },
  'with an endpoint for consumers in the network of another stack, and a consumer of that stack there': (app) => {
    const theirs = new Stack(app, 'Theirs');
    const vpc = new ec2.Vpc(theirs, 'Vpc', { maxAzs: 2 });
    const vault = vaultIn(new Stack(app, 'Mine'), { vpc, consumerEndpoint: true });
    const consumer = consumerIn(theirs, { vpc, allowAllOutbound: false });
    // it can't seal: the vault owns the keys that it would need, and the vault depends on its stack
    vault.connect(consumer, { actor: 'signer' });
    return { vault, consumers: [consumer] };
  },
  'with an endpoint for consumers in the network of a nested stack, and a consumer there': (app) => {
    const mine = new Stack(app, 'Mine');
    const nested = new NestedStack(mine, 'Nested');
    const vpc = new ec2.Vpc(nested, 'Vpc', { maxAzs: 2 });
    const vault = vaultIn(mine, { vpc, consumerEndpoint: true });
    const consumer = consumerIn(nested, { vpc, allowAllOutbound: false });
    vault.connect(consumer, { actor: 'signer' });
    return { vault, consumers: [consumer] };
  },
  'with an endpoint for consumers, and a consumer of another stack in another network': (app) => {
    const theirs = new Stack(app, 'Theirs');
    const vault = vaultIn(new Stack(app, 'Mine'), { consumerEndpoint: true });
    return connected(vault, consumerIn(theirs, { vpc: new ec2.Vpc(theirs, 'Vpc', { maxAzs: 2 }) }));
  },
  'with a consumer inside its own network': (app) => {
    const stack = new Stack(app, 'Mine');
    const vault = vaultIn(stack, { consumerEndpoint: true });
    return connected(
      vault,
      consumerIn(stack, { vpc: vault.network.vpc, vpcSubnets: vault.network.vpcSubnets, allowAllOutbound: false }),
    );
  },
  'with consumers inside its own network, one that waits for it and one that waits for its functions': (app) => {
    const stack = new Stack(app, 'Mine');
    const vault = vaultIn(stack, { consumerEndpoint: true });
    const { vpc, vpcSubnets } = vault.network;
    const inside = { vpc, vpcSubnets, allowAllOutbound: false };
    const [first, second] = [consumerIn(stack, inside), consumerIn(stack, inside, 'Second')];
    first.node.addDependency(vault);
    second.node.addDependency(vault.functions);
    return connected(vault, first, second);
  },
  'with a consumer that waits for it, in a network of the same stack whose flow log is under its key': (app) => {
    const stack = new Stack(app, 'Mine');
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const vault = vaultIn(stack, { vpc, consumerEndpoint: true });
    const logGroup = new logs.LogGroup(stack, 'FlowLog', { encryptionKey: vault.storageKey.key });
    vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup) });
    const consumer = consumerIn(stack, { vpc });
    consumer.node.addDependency(vault);
    return connected(vault, consumer);
  },
  'beside another vault in the network and with the topic of the first': (app) => {
    const stack = new Stack(app, 'Mine');
    const first = vaultIn(stack, { environment: 'first' }, 'First');
    const { vpc, vpcSubnets } = first.network;
    const vault = vaultIn(stack, { vpc, vpcSubnets, endpoints: true, alarmTopic: first.alarmTopic });
    return connected(vault, consumerIn(stack));
  },
  'with a topic of its stack under a key there, waiting for it, and with a permissions boundary': (app) => {
    const stack = new Stack(app, 'Mine');
    const masterKey = new kms.Key(stack, 'Key', { enableKeyRotation: true });
    const alarmTopic = new sns.Topic(stack, 'Alarms', { masterKey, enforceSSL: true });
    const vault = vaultIn(stack, { alarmTopic });
    vault.node.addDependency(alarmTopic);
    iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess'));
    return connected(vault, consumerIn(stack, { environmentEncryption: masterKey }));
  },
  'that goes with its stack': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(stack, { removalPolicy: RemovalPolicy.DESTROY }), consumerIn(stack));
  },
  'that is retained in every case': (app) => {
    const stack = new Stack(app, 'Mine');
    return connected(vaultIn(stack, { removalPolicy: RemovalPolicy.RETAIN }), consumerIn(stack));
  },
};

export const NAMES = Object.keys(COMPOSITIONS);

export function compose(name: string): Composition {
  const app = cdkApp();
  const make = COMPOSITIONS[name];
  if (make === undefined) throw new Error(`expected the name of a composition, got ${name}`);
  return { app, ...make(app) };
}
