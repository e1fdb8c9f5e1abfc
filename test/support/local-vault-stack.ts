import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAlias } from 'aws-cdk-lib/aws-lambda';
import cdkJson from '../../cdk.json';
import { MaterialKind, Operation, ShareVault } from '../../lib';

/** The least and the most that a webhook may take: see the props of `webhook`. */
const ANSWER_WITHIN = { prompt: Duration.seconds(3), patient: Duration.seconds(29) };
export type Pace = keyof typeof ANSWER_WITHIN;

const DELEGATED_SHARES = [MaterialKind.DELEGATED_SHARE];

/**
 * A vault as a consumer composes it, with a role for each of its actors, of the same name, that is granted just that
 * actor. The functions have an alias besides that is no actor's, as somebody could add who may change them.
 */
function vaultStack(app: App, pace: Pace): Stack {
  const stack = new Stack(app, 'Local');
  const webhook = { answerWithin: ANSWER_WITHIN[pace] };
  const vault = new ShareVault(stack, 'Vault', { environment: 'local', webhook });
  const operations = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
  vault.addActor('signer', { kinds: DELEGATED_SHARES, operations });
  vault.addActor('auditor', { kinds: DELEGATED_SHARES, operations: [Operation.AUDIT, Operation.PROPERTIES] });
  const [signer, auditor] = ['signer', 'auditor'].map((roleName) => {
    return new Role(stack, `Role-${roleName}`, {
      roleName,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
  }) as [Role, Role];
  vault.grantSeal(signer, { actor: 'signer' });
  vault.grantUnseal(signer, { actor: 'signer' });
  vault.grantRevoke(signer, { actor: 'signer' });
  vault.grantReadProperties(signer, { actor: 'signer' });
  vault.grantAudit(auditor, { actor: 'auditor' });
  vault.grantReadProperties(auditor, { actor: 'auditor' });
  for (const { functionName } of Object.values(vault.functions._byOperation)) {
    new CfnAlias(stack, `Stranger-${functionName}`, { name: 'stranger', functionName, functionVersion: '1' });
  }
  return stack;
}

/** Writes its template alone, without the code: there at once or not at all, for several may want it at one time. */
export function writeVaultTemplate(file: string, pace: Pace): void {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
  const app = new App({ context: cdkJson.context, outdir });
  const { templateFile } = vaultStack(app, pace);
  app.synth();
  const whole = mkdtempSync(join(dirname(file), 'whole-'));
  copyFileSync(join(outdir, templateFile), join(whole, 'template'));
  renameSync(join(whole, 'template'), file);
  rmSync(whole, { recursive: true });
}

const [file, pace = 'prompt'] = process.argv.slice(2);
if (require.main === module && file !== undefined) writeVaultTemplate(file, pace as Pace);
