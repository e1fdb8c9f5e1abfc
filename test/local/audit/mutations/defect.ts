import type { Mutation } from '../../../support/mutate';
import type { CheckName } from '../../../../local/audit/checks';
import { at } from '../../../../local/audit/checks/template';

/** One thing wrong with a template, and every finding that it makes. */
export interface Defect {
  readonly defect: string;
  readonly mutation: Mutation;
  /** Checks with the resources of their findings; the first is the one for this defect. No other check finds anything. */
  readonly caughtBy: Partial<Readonly<Record<CheckName, readonly string[]>>>;
}

/** Picks a statement of a policy by its name, for a path. */
export const sid = (name: string) => (statement: unknown) => at(statement, 'Sid') === name;

/** Picks the one statement that allows only this action. */
export const allowing = (action: string) => (statement: unknown) =>
  at(statement, 'Effect') === 'Allow' && at(statement, 'Action') === action;

export const KEY_POLICY = ['Properties', 'KeyPolicy', 'Statement'] as const;
export const POLICY = ['Properties', 'PolicyDocument', 'Statement'] as const;
