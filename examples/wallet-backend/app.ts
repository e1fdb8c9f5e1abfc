import { App, Duration, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { MaterialKind, Operation, ShareVault } from '@cdk-share-vault/constructs';

const app = new App();

const vault = new ShareVault(new Stack(app, 'Vault'), 'Vault', { environment: 'dev' });
vault.addActor('wallets', { kinds: [MaterialKind.SERVER_KEY_SHARES] });

const backend = new NodejsFunction(new Stack(app, 'Backend'), 'Wallets', {
  functionName: 'wallet-backend',
  entry: 'backend.ts',
  runtime: Runtime.NODEJS_24_X,
  memorySize: 512,
  timeout: Duration.seconds(30),
  // the AWS SDK's ES modules: an ES module can't load its CommonJS ones
  bundling: { format: OutputFormat.ESM, mainFields: ['module', 'main'], externalModules: ['@opentelemetry/api'] },
});
// the permissions, and the variables that ShareVaultClient.fromEnvironment reads
vault.connect(backend, { actor: 'wallets', operations: [Operation.SEAL, Operation.UNSEAL] });
