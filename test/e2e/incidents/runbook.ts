import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Step, patternOf, stepsOf, textOf } from './blocks';
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
export function runRunbook(world: World, runbook: string, { begin, checks = [] }: Situation): void {
  const steps = stepsOf(textOf(runbook)).filter(({ notRun }) => notRun === undefined);
  describe(`docs/incidents/${runbook}.md`, () => {
    beforeAll(async () => {
      await begin?.();
    });

    for (const [index, step] of steps.entries()) {
      test(`its block ${index + 1} prints what the page shows: ${step.name}`, () => runStep(world, step));
      for (const { after, title, holds } of checks) {
        if (placeOf(steps, after) === index) test(`after "${after}" ${title}`, holds);
      }
    }

    test('each of its checks belongs to a block', () => {
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
  // a block that fails has to be shown with its exit code
  const isFailure = /^exit code \d+$/m.test(output);
  const failure = isFailure && !shown.some((line) => line.startsWith('exit code ')) ? output : '';
  expect(failure).toBe('');
  for (const line of shown) expect(output).toMatch(patternOf(world.shell.filled(line)));
}
