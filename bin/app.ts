import { App } from 'aws-cdk-lib';
import { acknowledge } from './acknowledgements';
import { readEnvironments } from './environments';
import { VaultStack } from './vault-stack';

const app = new App();
for (const environment of readEnvironments(app.node.tryGetContext('environments'))) {
  // for whoever runs rule packs over the app: what was reviewed is said already
  acknowledge(new VaultStack(app, environment));
}
