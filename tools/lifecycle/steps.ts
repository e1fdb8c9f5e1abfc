import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cdkJson from '../../cdk.json';
import type { Step, Synthesized } from '../../local/audit/lifecycle';
import type { Environment } from '../synth';
import { CASES } from './cases';

export const ENVIRONMENTS = Object.keys(cdkJson.context.environments) as readonly Environment[];

/** Reads the folder that `writeCases` filled, and returns every step that starts from props that can be deployed. */
export function stepsIn(folder: string): readonly Step[] {
  return ENVIRONMENTS.flatMap((environment) => {
    const read = (name: string): Synthesized =>
      JSON.parse(readFileSync(join(folder, environment, `${name}.json`), 'utf8')) as Synthesized;
    const plain = read('plain');
    return CASES.flatMap(({ prop, change, reverse, from }, index) => {
      const former = from ? read(`${index}-from`) : plain;
      const next = read(`${index}-to`);
      const step = (words: string, before: Synthesized, after: Synthesized): readonly Step[] =>
        'template' in before ? [{ prop, change: words, environment, before: before.template, after }] : [];
      return [...step(change, former, next), ...step(reverse, next, former)];
    });
  });
}
