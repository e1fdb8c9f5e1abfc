import { Template } from 'aws-cdk-lib/assertions';
import { listOf } from './document';

/** A statement that a test may spoil. */
export interface LooseStatement {
  Sid?: string;
  Action?: unknown;
  Principal?: unknown;
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Which statements of a template: those of the resource whose id begins so that have the sid, or allow the action. */
export interface Place {
  readonly resource: string;
  readonly sid?: string;
  readonly action?: string;
}

/** A copy of a template in which the statements at a place are spoiled; throws if there are none. */
export function damaged(template: Template, place: Place, spoil: (statement: LooseStatement) => void): Template {
  const copy = structuredClone(template.toJSON()) as { Resources: Record<string, unknown> };
  const statements = Object.entries(copy.Resources)
    .filter(([id]) => id.startsWith(place.resource))
    .flatMap(([, resource]) => statementsOf(resource))
    .filter(
      ({ Sid, Action }) => Sid === place.sid && (place.action === undefined || listOf(Action).includes(place.action)),
    );
  if (statements.length === 0) throw new Error(`expected statements at ${JSON.stringify(place)}, got none`);
  statements.forEach(spoil);
  return Template.fromJSON(copy);
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
