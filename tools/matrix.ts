import { join } from 'node:path';
import cdkJson from '../cdk.json';
import { CONTROL_POLICIES } from '../local/audit/matrix/control-policies';
import { deployedTemplate } from '../local/audit/matrix/place';
import { renderMatrix } from '../local/audit/matrix/table';
import { VaultPolicies } from '../local/audit/matrix/vault-policies';
import { matrixStack } from './matrix-stacks';
import { cdkApp, type Environment, VALIDATED_ELSEWHERE } from './synth';
import { useTemporaryFolder } from './temporary';

const ENVIRONMENTS = Object.keys(cdkJson.context.environments) as readonly Environment[];

/** Runs `npm run matrix [-- environment]`: prints the policy matrix of the template that would be deployed. */
async function main([given = 'prod']: readonly string[]): Promise<void> {
  const environment = ENVIRONMENTS.find((name) => name === given);
  if (!environment) {
    console.error(`expected one of ${ENVIRONMENTS.join(', ')}, got ${given}`);
    process.exitCode = 2;
    return;
  }
  const app = cdkApp(join(useTemporaryFolder(), 'cdk.out'), VALIDATED_ELSEWHERE);
  matrixStack(environment, app);
  const stack = app.synth().getStackByName(`ShareVault-${environment}`);
  const vault = new VaultPolicies(deployedTemplate(stack.templateFullPath, stack.template), environment);
  console.log(await renderMatrix(vault, CONTROL_POLICIES));
}

void main(process.argv.slice(2));
