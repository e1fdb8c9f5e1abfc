import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployedTemplate } from '../../../../local/audit/matrix/place';
import { VaultPolicies } from '../../../../local/audit/matrix/vault-policies';
import { placeOf } from '../../../../local/emulator/deploy/place';
import { StackTemplate, parseTemplate } from '../../../../local/emulator/template';
import type { Environment } from '../../../support/environment-template';
import type { Mutation, TemplateJson } from '../../../support/mutate';
import { synthesized } from '../../../support/synthesized';

const STACKS = join(__dirname, '..', '..', '..', '..', 'tools', 'matrix-stacks.ts');
const OWN = join(__dirname, 'own-stacks.ts');
const COMPOSED = join(__dirname, 'composed-stacks.ts');

/** Returns the policies that an environment's template deploys, with a defect if one is given. */
export function matrixVault(environment: Environment, defect: Mutation = (template) => template): VaultPolicies {
  const file = fileOf(STACKS, `ShareVault-${environment}`);
  return new VaultPolicies(deployedTemplate(file, defect(read(file))), environment);
}

/** Returns a stack of the composed app of `composed-stacks.ts`. */
export function composedTemplate(stack: string): StackTemplate {
  const file = fileOf(COMPOSED, stack);
  return deployedTemplate(file, read(file));
}

/** Returns the stack of `own-stacks.ts`, with a defect if one is given, as the command reads it. */
export function ownTemplate(defect: Mutation = (template) => template): StackTemplate {
  const file = ownTemplateFile();
  const json = defect(read(file));
  return new StackTemplate(parseTemplate(json, file), placeOf(file));
}

/** Returns the path of the template of `own-stacks.ts`. */
export function ownTemplateFile(): string {
  return fileOf(OWN, 'Wallets');
}

function fileOf(module: string, stack: string): string {
  return join(synthesized(module), `${stack}.template.json`);
}

function read(file: string): TemplateJson {
  return JSON.parse(readFileSync(file, 'utf8')) as TemplateJson;
}
