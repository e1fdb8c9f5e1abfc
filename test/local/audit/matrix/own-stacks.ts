import { Annotations, type App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { MaterialKind } from '../../../../lib/material-kind';
import { Operation } from '../../../../lib/operation';
import { ShareVault } from '../../../../lib/share-vault';
import { VALIDATED_ELSEWHERE, cdkApp, fixtureBundles } from '../../../support/synth';

/**
 * An app as a user writes one: its vaults have other construct paths than this repository's, two are in one stack, and
 * the callers are a function, a container's task with one of AWS's policies, and another account.
 */
export function ownApp(app: App): void {
  const stack = new Stack(app, 'Wallets', { env: { account: '555555555555', region: 'eu-west-1' } });
  const blue = new ShareVault(new Construct(stack, 'Custody'), 'Blue', {
    environment: 'blue',
    bundles: fixtureBundles(),
    intakeKeyIds: ['intake-1', 'intake-2'],
    webhook: {},
  });
  blue.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE] });
  blue.addActor('partner', {
    kinds: [MaterialKind.DELEGATED_SHARE],
    operations: [Operation.UNSEAL],
    accounts: ['666666666666'],
  });
  const green = new ShareVault(stack, 'Green', { environment: 'green', bundles: fixtureBundles() });
  green.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE] });
  const signer = new lambda.Function(stack, 'Signer', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1'),
  });
  blue.connect(signer, { actor: 'signer' });
  const task = new iam.Role(stack, 'Task', {
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonECSTaskExecutionRolePolicy')],
  });
  green.grantUnseal(task, { actor: 'signer' });
  for (const vault of [blue, green]) {
    Annotations.of(vault).acknowledgeWarning('cdk-share-vault:identityAlarms', 'nothing is deployed');
  }
}

/** Run as a program, it writes the templates into the folder of its argument. */
if (require.main === module) {
  const app = cdkApp(process.argv[2], VALIDATED_ELSEWHERE);
  ownApp(app);
  app.synth();
}
