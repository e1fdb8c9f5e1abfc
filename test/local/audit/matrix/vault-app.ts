import { join } from 'node:path';
import { parseTemplate, VaultTemplate } from '../../../../local/emulator/template';
import { readJson } from '../../../../local/emulator/template/template';
import type { Environment } from '../../../support/environment-template';
import type { Mutation, TemplateJson } from '../../../support/mutate';
import { synthesized } from '../../../support/synthesized';
import { ACCOUNT, REGION } from '../../../../local/audit/matrix/place';
import { VaultPolicies } from '../../../../local/audit/matrix/vault-policies';

const STACKS = join(__dirname, '..', '..', '..', '..', 'tools', 'matrix-stacks.ts');
const COMPOSED = join(__dirname, 'composed-stacks.ts');

/** What an environment's template deploys, with a defect if one is given. */
export function matrixVault(environment: Environment, defect: Mutation = (template) => template): VaultPolicies {
  const stack = `ShareVault-${environment}`;
  const file = join(synthesized(STACKS), `${stack}.template.json`);
  const template = parseTemplate(defect(readJson(file) as TemplateJson), file);
  return new VaultPolicies(new VaultTemplate(template, { stack, account: ACCOUNT, region: REGION }), environment);
}

/** A stack of the composed app of `composed-stacks.ts`. */
export function composedTemplate(stack: string): VaultTemplate {
  const file = join(synthesized(COMPOSED), `${stack}.template.json`);
  return new VaultTemplate(parseTemplate(readJson(file), file), { stack, account: ACCOUNT, region: REGION });
}
