import { App } from 'aws-cdk-lib';
import { readEnvironments } from './environments';
import { VaultStack } from './vault-stack';

const app = new App();
for (const environment of readEnvironments(app.node.tryGetContext('environments'))) {
  new VaultStack(app, environment);
}
