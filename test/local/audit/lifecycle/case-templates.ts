import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cdkJson from '../../../../cdk.json';
import type { TemplateJson } from '../../../../local/audit/lifecycle';
import type { Environment } from '../../../support/environment-template';
import { synthesized } from '../../../support/synthesized';
import { CASES } from '../../../../tools/lifecycle/cases';

/** A synthesized vault, or the message that refuses its props. */
export type Synthesized = { readonly template: TemplateJson } | { readonly refused: string };

export const ENVIRONMENTS = Object.keys(cdkJson.context.environments) as readonly Environment[];

/** One direction of a case in one environment. */
export interface Step {
  readonly prop: string;
  readonly change: string;
  readonly environment: Environment;
  readonly before: TemplateJson;
  readonly after: Synthesized;
}

/** Returns every step whose former props an owner can have deployed. */
export function steps(): readonly Step[] {
  return ENVIRONMENTS.flatMap((environment) =>
    CASES.flatMap(({ prop, change, reverse, from }, index) => {
      const former = read(environment, from ? `${index}-from` : 'plain');
      const next = read(environment, `${index}-to`);
      const step = (words: string, before: Synthesized, after: Synthesized): readonly Step[] =>
        'template' in before ? [{ prop, change: words, environment, before: before.template, after }] : [];
      return [...step(change, former, next), ...step(reverse, next, former)];
    }),
  );
}

/** Returns the template of a vault in which nothing was chosen but a webhook. */
export function plainTemplate(environment: Environment): TemplateJson {
  const plain = read(environment, 'plain');
  if ('refused' in plain) throw new Error(`expected a template of ${environment}, got ${plain.refused}`);
  return plain.template;
}

const known = new Map<string, Synthesized>();

function read(environment: Environment, name: string): Synthesized {
  const file = join(
    synthesized(join(__dirname, '..', '..', '..', '..', 'tools', 'lifecycle', 'case-stacks.ts')),
    environment,
    `${name}.json`,
  );
  const found = known.get(file) ?? (JSON.parse(readFileSync(file, 'utf8')) as Synthesized);
  known.set(file, found);
  return found;
}
