import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAlias } from 'aws-cdk-lib/aws-lambda';
import { MaterialKind, Operation, ShareVault, type ShareVaultProps } from '../../lib';
import { type Pace, vaultFile } from './pace';
import { VALIDATED_ELSEWHERE, cdkApp } from './synth';
import { templateFile } from './template-file';

/** The shortest and the longest allowed time of a webhook: see the props of `webhook`. */
const ANSWER_WITHIN: Readonly<Record<Pace, Duration>> = { prompt: Duration.seconds(3), patient: Duration.seconds(29) };

const EVERY_KIND = Object.values(MaterialKind);

/**
 * Creates a vault as a consumer does. Each actor has a role of the same name that is granted only this actor. The functions
 * also have an alias without an actor, as an administrator of the functions could add.
 */
export function vaultStack(
  app: App,
  pace: Pace,
  propsIn: (stack: Stack) => Partial<ShareVaultProps> = () => ({}),
): Stack {
  const stack = new Stack(app, 'Local');
  const props = propsIn(stack);
  const webhook = { responseTimeout: ANSWER_WITHIN[pace] };
  const vault = new ShareVault(stack, 'Vault', { environment: 'local', webhook, ...props });
  const operations = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
  vault.addActor('signer', { kinds: EVERY_KIND, operations });
  vault.addActor('auditor', { kinds: EVERY_KIND, operations: [Operation.AUDIT, Operation.PROPERTIES] });
  vault.addActor('guard');
  vault.addActor('second');
  const [signer, auditor, guard, second] = ['signer', 'auditor', 'guard', 'second'].map((roleName) => {
    return new Role(stack, `Role-${roleName}`, {
      roleName,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
  }) as [Role, Role, Role, Role];
  vault.grantSeal(signer, { actor: 'signer' });
  vault.grantUnseal(signer, { actor: 'signer' });
  vault.grantRevoke(signer, { actor: 'signer' });
  vault.grantReadProperties(signer, { actor: 'signer' });
  vault.grantAudit(auditor, { actor: 'auditor' });
  vault.grantReadProperties(auditor, { actor: 'auditor' });
  // each may freeze, and confirm a thaw that the other one requested
  vault.grantFreeze(guard, { actor: 'guard' });
  vault.grantThaw(guard, { actor: 'guard' });
  vault.grantFreeze(second, { actor: 'second' });
  vault.grantThaw(second, { actor: 'second' });
  for (const { functionName } of Object.values(vault.functions._byOperation)) {
    new CfnAlias(stack, `Stranger-${functionName}`, { name: 'stranger', functionName, functionVersion: '1' });
  }
  return stack;
}

/** When run, writes the template of each pace to the given folder, without code: tests run their own. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const pace of Object.keys(ANSWER_WITHIN) as Pace[]) {
    const app = cdkApp(mkdtempSync(join(tmpdir(), 'synth-')), VALIDATED_ELSEWHERE);
    copyFileSync(templateFile(vaultStack(app, pace), app), vaultFile(folder, pace));
  }
}
