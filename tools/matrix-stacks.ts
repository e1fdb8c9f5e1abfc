import type { App } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import cdkJson from '../cdk.json';
import { EmergencyStop } from '../lib/emergency-stop';
import { MaterialKind } from '../lib/material-kind';
import { Operation } from '../lib/operation';
import { ShareVault } from '../lib/share-vault';
import { type Environment, VALIDATED_ELSEWHERE, cdkApp, environmentStack } from './synth';
import { PARTNER_ACCOUNT } from '../local/audit/matrix/place';

/**
 * Creates an environment's stack as `cdk synth` does, with a user's additions: a consumer that may unseal as `backend`, a
 * feeder that may seal as `backend`, an actor for another account, and the role of an emergency stop. One stack, so that
 * one template has everything.
 */
export function matrixStack(environment: Environment, app: App): void {
  const stack = environmentStack(environment, app);
  const vault = stack.node.findChild('Vault');
  if (!(vault instanceof ShareVault)) throw new Error('expected the vault of the stack, got something else');
  const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
  vault.grantUnseal(new iam.Role(stack, 'Consumer', { assumedBy }), { actor: 'backend' });
  vault.grantSeal(new iam.Role(stack, 'Feeder', { assumedBy }), { actor: 'backend' });
  vault.addActor('partner', {
    kinds: [MaterialKind.DELEGATED_SHARE],
    operations: [Operation.UNSEAL],
    accounts: [PARTNER_ACCOUNT],
  });
  new EmergencyStop(stack, 'EmergencyStop', { vault, assumedBy: new iam.AccountRootPrincipal(), requireMfa: true });
}

/** Run as a program, it writes the templates into the folder of its argument. */
if (require.main === module) {
  const app = cdkApp(process.argv[2], VALIDATED_ELSEWHERE);
  for (const environment of Object.keys(cdkJson.context.environments)) matrixStack(environment as Environment, app);
  app.synth();
}
