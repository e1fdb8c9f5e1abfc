import { join } from 'node:path';
import type { Step } from '../../../../local/audit/lifecycle';
import { stepsIn } from '../../../../tools/lifecycle/steps';
import { synthesized } from '../../../support/synthesized';

const CASE_STACKS = join(__dirname, '..', '..', '..', '..', 'tools', 'lifecycle', 'case-stacks.ts');

let known: readonly Step[] | undefined;

/** Returns the steps of the cases; the first suite of a run synthesizes them. */
export function steps(): readonly Step[] {
  known ??= stepsIn(synthesized(CASE_STACKS));
  return known;
}
