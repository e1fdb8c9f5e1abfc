import * as iam from 'aws-cdk-lib/aws-iam';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import { parseTemplate, VaultTemplate } from '../../local/template';
import { readJson } from '../../local/template/template';
import { templateFile } from '../local/template/support';
import type { Mutation, TemplateJson } from '../support/mutate';
import { cdkApp, type Environment, environmentStack } from '../support/synth';
import { ACCOUNT, REGION } from './place';
import { VaultPolicies } from './vault-policies';

/** The account that the actor `partner` is open to. */
export const PARTNER = '333333333333';

interface Synthesized {
  readonly file: string;
  readonly stack: string;
}

const synthesized = new Map<Environment, Synthesized>();

/** What an environment's template deploys, with a defect if one is given. */
export function matrixVault(environment: Environment, defect: Mutation = (template) => template): VaultPolicies {
  const { file, stack } = synthesized.get(environment) ?? synthesize(environment);
  synthesized.set(environment, { file, stack });
  const template = parseTemplate(defect(readJson(file) as TemplateJson), file);
  return new VaultPolicies(new VaultTemplate(template, { stack, account: ACCOUNT, region: REGION }), environment);
}

/**
 * An environment's stack as `cdk synth` makes it, with what a user adds: a consumer that may unseal as `backend`, a
 * feeder that may seal as `backend`, and an actor for another account. All in one stack, so that one template has it all.
 */
function synthesize(environment: Environment): Synthesized {
  const app = cdkApp();
  const stack = environmentStack(environment, app);
  const vault = stack.node.findChild('Vault');
  if (!(vault instanceof ShareVault)) throw new Error('expected the vault of the stack, got something else');
  const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
  vault.grantUnseal(new iam.Role(stack, 'Consumer', { assumedBy }), { actor: 'backend' });
  vault.grantSeal(new iam.Role(stack, 'Feeder', { assumedBy }), { actor: 'backend' });
  vault.addActor('partner', {
    kinds: [MaterialKind.DELEGATED_SHARE],
    operations: [Operation.UNSEAL],
    accounts: [PARTNER],
  });
  return { file: templateFile(stack, app), stack: stack.stackName };
}
