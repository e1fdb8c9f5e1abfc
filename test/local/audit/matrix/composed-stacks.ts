import { type App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { MaterialKind } from '../../../../lib/material-kind';
import { ShareVault } from '../../../../lib/share-vault';
import { VALIDATED_ELSEWHERE, cdkApp, fixtureBundles } from '../../../support/synth';

/**
 * A larger app, as docs/scp.md describes one: its vault in a stack of another name, and callers in two stacks that know
 * nothing of vaults. The role of the first has the path for callers; that of the second has a name and no path.
 */
export function composedApp(app: App): void {
  const vault = new ShareVault(new Stack(app, 'KeyMaterial-Prod'), 'Vault', {
    environment: 'prod',
    bundles: fixtureBundles(),
    webhook: {},
  });
  vault.addActor('backend', { kinds: [MaterialKind.DELEGATED_SHARE] });
  const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
  const api = new iam.Role(new Stack(app, 'Payments'), 'Caller', { assumedBy, path: '/share-vault-callers/' });
  const batch = new iam.Role(new Stack(app, 'Batch'), 'Caller', { assumedBy, roleName: 'nightly-batch' });
  for (const caller of [api, batch]) vault.grantUnseal(caller, { actor: 'backend' });
}

/** Run as a program, it writes the templates into the folder of its argument. */
if (require.main === module) {
  const app = cdkApp(process.argv[2], VALIDATED_ELSEWHERE);
  composedApp(app);
  app.synth();
}
