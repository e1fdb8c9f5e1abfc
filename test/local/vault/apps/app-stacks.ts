import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type App, CfnParameter, Duration, LegacyStackSynthesizer, NestedStack, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { MaterialKind, Operation, ShareVault, type ShareVaultProps } from '../../../../lib';
import { VALIDATED_ELSEWHERE, cdkApp } from '../../../support/synth';
import { BUNDLES } from '../../emulator/deploy/consumer';
import { APPS, IMPORTED_KEY, type AppName } from './apps';

/** Bundles the consumer's code. */
function consumerCode(): lambda.Code {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-consumer-'));
  const entry = join(__dirname, 'consumer.ts');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', outfile: join(folder, 'index.js') });
  return lambda.Code.fromAsset(folder);
}

function consumerIn(scope: Construct, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(scope, 'Consumer', {
    functionName: 'consumer',
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    timeout: Duration.seconds(30),
    code: consumerCode(),
    ...props,
  });
}

function vaultIn(scope: Construct, props: Omit<ShareVaultProps, 'environment'>): ShareVault {
  const vault = new ShareVault(scope, 'Vault', { environment: 'dev', bundles: BUNDLES, ...props });
  vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE], operations: [Operation.UNSEAL] });
  return vault;
}

const STACKS: Readonly<Record<AppName, (app: App) => void>> = {
  // a network and a topic of another stack, a private key that exists already, a parameter, and a consumer by lookup
  'several-stacks': (app) => {
    const shared = new Stack(app, 'Shared');
    const vpc = new ec2.Vpc(shared, 'Vpc', { maxAzs: 2 });
    const alarmTopic = new sns.Topic(shared, 'Alarms', { enforceSSL: true });
    const wallets = new Stack(app, 'Wallets');
    const key = secretsmanager.Secret.fromSecretCompleteArn(wallets, 'Existing', IMPORTED_KEY);
    vaultIn(wallets, { vpc, alarmTopic, webhook: { privateKeys: { imported: key } }, webhookKeyIds: [] });
    const consumers = new Stack(app, 'Consumers');
    const consumer = consumerIn(consumers);
    ShareVault.fromLookup(consumers, 'Vault', { environment: 'dev' }).connect(consumer, { actor: 'signer' });
    const url = new CfnParameter(consumers, 'RpcUrl', { noEcho: true });
    consumer.addEnvironment('RPC_URL', url.valueAsString);
  },
  // a vault in a nested stack, its consumer in the parent, and assets that are parameters of the parent
  'nested-legacy': (app) => {
    const stack = new Stack(app, 'Parent', { synthesizer: new LegacyStackSynthesizer() });
    const vault = vaultIn(new NestedStack(stack, 'Nested'), { webhook: {} });
    vault.connect(consumerIn(stack), { actor: 'signer' });
  },
};

/** When run, writes the assembly of each app to a subfolder of the given folder. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const name of APPS) {
    const app = cdkApp(join(folder, name), VALIDATED_ELSEWHERE);
    STACKS[name](app);
    app.synth();
  }
}
