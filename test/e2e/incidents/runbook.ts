import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Step, patternOf, stepsOf } from './blocks';
import type { World } from './world';

/** A fact that holds after a block of a runbook. */
export interface Check {
  /** the first line of the block */
  readonly after: string;
  /** a whole sentence */
  readonly title: string;
  readonly holds: () => Promise<void>;
}

export interface Situation {
  /** Brings about the incident, and names what the page's words in capitals stand for. */
  readonly begin?: () => Promise<void>;
  readonly checks?: readonly Check[];
}

/** Runs every block of a runbook in its situation, in their order, and compares the lines that the page shows. */
export function runRunbook(world: World, runbook: string, situation: Situation): void {
  runPage(world, `incidents/${runbook}.md`, situation);
}

/** Does the same for a page of docs. */
export function runPage(world: World, name: string, { begin, checks = [] }: Situation): void {
  const page = readFileSync(join(__dirname, '../../../docs', name), 'utf8');
  const steps = stepsOf(page).filter(({ notRun }) => notRun === undefined);
  describe(`docs/${name}`, () => {
    beforeAll(async () => {
      await begin?.();
    });

    for (const [index, step] of steps.entries()) {
      test(`block ${index + 1} of ${name} prints what the page shows: ${step.name}`, () => runStep(world, step));
      for (const { after, title, holds } of checks) {
        if (placeOf(steps, after) === index) test(`in ${name}, after "${after}", ${title}`, holds);
      }
    }

    test(`each check of ${name} belongs to a block`, () => {
      const without = checks.filter(({ after }) => placeOf(steps, after) < 0);

      expect(without.map(({ after }) => after)).toEqual([]);
    });
  });
}

/** Returns the index of the block of this first line, or of the first one that begins with it. */
function placeOf(steps: readonly Step[], after: string): number {
  const whole = steps.findIndex(({ name }) => name === after);
  return whole < 0 ? steps.findIndex(({ name }) => name.startsWith(after)) : whole;
}

async function runStep(world: World, { text, shown }: Step): Promise<void> {
  const output = await world.shell.run(text);
  const [, freeze, effect = ''] = /^freeze +(\d+)\neffect +(.*)$/m.exec(output) ?? [];
  if (freeze !== undefined) {
    const name = effect.includes('none is resealed') ? 'ALL_FREEZE' : 'CALLERS_FREEZE';
    world.facts.set('FREEZE', freeze).set(name, freeze);
  }
  const [, until] = /^missing: tombstones since \S+ until (\S+)$/m.exec(output) ?? [];
  if (until !== undefined) world.facts.set('UNTIL', until);
  // a block that fails has to be shown with its exit code
  const isFailure = /^exit code \d+$/m.test(output);
  const failure = isFailure && !shown.some((line) => line.startsWith('exit code ')) ? output : '';
  expect(failure).toBe('');
  for (const line of shown) expect(output).toMatch(patternOf(world.shell.filled(line)));
}
