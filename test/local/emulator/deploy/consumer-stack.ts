import { type App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { MaterialKind, Operation, ShareVault } from '../../../../lib';
import { VALIDATED_ELSEWHERE, cdkApp } from '../../../support/synth';
import { BACKEND, BUNDLES, ENVIRONMENT, GUARD, SECOND, SIGNER, WATCHER } from './consumer';

/** A stack as a consumer writes it: a vault, and the consumer's roles with grants. */
export function consumerStack(app: App): { readonly stack: Stack; readonly vault: ShareVault } {
  const stack = new Stack(app, 'Mine');
  const vault = new ShareVault(stack, 'Vault', { environment: ENVIRONMENT, bundles: BUNDLES, webhook: {} });
  vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE], operations: SIGNER });
  vault.addActor('auditor', { operations: [Operation.AUDIT] });
  const assumedBy = new ServicePrincipal('ecs-tasks.amazonaws.com');
  const backend = new Role(stack, 'Backend', { roleName: BACKEND, assumedBy });
  const signer = { actor: 'signer' };
  vault.grantSeal(backend, signer);
  vault.grantUnseal(backend, signer);
  vault.grantRevoke(backend, signer);
  vault.grantReadProperties(backend, signer);
  vault.grantAudit(new Role(stack, 'Watcher', { roleName: WATCHER, assumedBy }), { actor: 'auditor' });
  vault.addActor('guard');
  vault.addActor('second');
  vault.grantFreeze(new Role(stack, 'Guard', { roleName: GUARD, assumedBy }), { actor: 'guard' });
  vault.grantThaw(new Role(stack, 'Second', { roleName: SECOND, assumedBy }), { actor: 'second' });
  return { stack, vault };
}

/** As a script, writes the template and its assets to the given folder. */
if (require.main === module) {
  const app = cdkApp(process.argv[2], VALIDATED_ELSEWHERE);
  consumerStack(app);
  app.synth();
}
