import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import { VaultPolicies } from '../support/iam/vault-policies';
import { type Environment, environmentStack } from '../support/synth';

/** The account that the actor `partner` is open to. */
export const PARTNER = '333333333333';

/**
 * An environment's stack as `cdk synth` makes it, with what a user adds: a consumer that may unseal as `backend`, a
 * feeder that may seal as `backend`, and an actor for another account. All in one stack, so that one template has it all.
 */
export function matrixTemplate(environment: Environment): MatrixTemplate {
  const stack = environmentStack(environment);
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
  return { template: Template.fromStack(stack), stack: stack.stackName };
}

export interface MatrixTemplate {
  readonly template: Template;
  readonly stack: string;
}

/** What that template deploys. */
export function matrixVault(environment: Environment): VaultPolicies {
  const { template, stack } = matrixTemplate(environment);
  return new VaultPolicies(template, stack, environment);
}
