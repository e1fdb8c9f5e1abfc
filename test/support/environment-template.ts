import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type cdkJson from '../../cdk.json';
import type { TemplateJson } from './mutate';
import { synthesized } from './synthesized';

export type Environment = keyof typeof cdkJson.context.environments;

const STACKS = join(__dirname, 'environment-stacks.ts');

/** The template of an environment of cdk.json, as `cdk synth` leaves it. */
export function environmentFile(environment: Environment): string {
  return join(synthesized(STACKS), `ShareVault-${environment}.template.json`);
}

export function environmentTemplate(environment: Environment): TemplateJson {
  return JSON.parse(readFileSync(environmentFile(environment), 'utf8')) as TemplateJson;
}
