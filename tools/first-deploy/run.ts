import type { Writable } from 'node:stream';
import { type Target, createSteps } from './steps';

interface Outcome {
  readonly step: string;
  readonly claim: string;
  readonly passed: boolean;
  readonly found: string;
  readonly milliseconds: number;
}

/** Runs the steps in order, prints a line for each, and returns the exit code. A step that fails ends the run. */
export async function runSteps(target: Target & { readonly json: boolean }, out: Writable): Promise<0 | 1> {
  const outcomes: Outcome[] = [];
  for (const each of await createSteps(target)) {
    const { step, claim } = each;
    const began = performance.now();
    const result = await each.run().then(
      (found) => ({ passed: true, found }),
      (error: unknown) => ({ passed: false, found: error instanceof Error ? error.message : 'an error' }),
    );
    const outcome = { step, claim, ...result, milliseconds: Math.round(performance.now() - began) };
    outcomes.push(outcome);
    if (!target.json) out.write(lineOf(outcome));
    if (!outcome.passed) break;
  }
  if (target.json) out.write(`${JSON.stringify({ environment: target.environment, outcomes }, undefined, 2)}\n`);
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

function lineOf({ step, claim, passed, found, milliseconds }: Outcome): string {
  return `${passed ? 'pass' : 'FAIL'}  ${step.padEnd(3)}${claim} (${milliseconds} ms)\n${passed ? '' : `${found}\n`}`;
}
