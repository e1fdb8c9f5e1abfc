import { listOf } from '../../../../local/emulator/authorization/document';
import type { Mutation } from '../../../support/mutate';

/** A statement that a test may spoil. */
export interface LooseStatement {
  Sid?: string;
  Action?: unknown;
  Principal?: unknown;
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/**
 * Statements of a template: `resource` is the beginning of the resource's id; the statements have the sid, or allow the
 * action. A sid that ends in `*` is a prefix.
 */
export interface Place {
  readonly resource: string;
  readonly sid?: string;
  readonly action?: string;
}

/** Spoils the statements at a place; throws if there are none. */
export function damage(place: Place, spoil: (statement: LooseStatement) => void): Mutation {
  return (template) => {
    const copy = structuredClone(template);
    const statements = Object.entries(copy.Resources)
      .filter(([id]) => id.startsWith(place.resource))
      .flatMap(([, resource]) => statementsOf(resource))
      .filter(
        ({ Sid, Action }) =>
          isNamed(Sid, place.sid) && (place.action === undefined || listOf(Action).includes(place.action)),
      );
    if (statements.length === 0) throw new Error(`expected statements at ${JSON.stringify(place)}, got none`);
    statements.forEach(spoil);
    return copy;
  };
}

function isNamed(sid: string | undefined, wanted: string | undefined): boolean {
  return wanted?.endsWith('*') ? sid?.startsWith(wanted.slice(0, -1)) === true : sid === wanted;
}

/** Takes condition keys away from a statement. */
export function without(...keys: readonly string[]): (statement: LooseStatement) => void {
  return ({ Condition = {} }) => {
    for (const operator of Object.keys(Condition)) {
      const left = Object.entries(Condition[operator] ?? {}).filter(([key]) => !keys.includes(key));
      Condition[operator] = Object.fromEntries(left);
      if (left.length === 0) Reflect.deleteProperty(Condition, operator);
    }
  };
}

function statementsOf(value: unknown): readonly LooseStatement[] {
  if (Array.isArray(value)) return value.flatMap(statementsOf);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'Effect' in value ? [value as LooseStatement] : [];
  return [...own, ...Object.values(value).flatMap(statementsOf)];
}
