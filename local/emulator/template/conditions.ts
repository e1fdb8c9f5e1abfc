import type { Scope } from './scope';

/** Evaluates a condition of the section `Conditions`. Throws `TemplateError` if it is not a condition. */
export function evaluate(condition: unknown, scope: Scope): boolean {
  const entries = typeof condition === 'object' && condition !== null ? Object.entries(condition) : [];
  const [[name, argument] = ['', undefined], ...others] = entries as readonly (readonly [string, unknown])[];
  const apply = CONDITIONS.get(name);
  if (!apply || others.length > 0)
    return scope.fail('one of Fn::Equals, Fn::And, Fn::Or, Fn::Not, Condition', condition);
  return apply(argument, scope.below(name));
}

const CONDITIONS: ReadonlyMap<string, (argument: unknown, scope: Scope) => boolean> = new Map([
  ['Condition', named],
  ['Fn::And', (argument, scope) => members(argument, scope).every((holds) => holds)],
  ['Fn::Equals', equal],
  ['Fn::Not', not],
  ['Fn::Or', (argument, scope) => members(argument, scope).some((holds) => holds)],
]);

function named(argument: unknown, scope: Scope): boolean {
  if (typeof argument !== 'string') return scope.fail('the name of a condition', argument);
  return scope.names.condition(argument, scope.path);
}

function equal(argument: unknown, scope: Scope): boolean {
  const [left, right] = scope.literalList(argument, 2).map((side, index) => scope.below(index).text(side));
  return left === right;
}

function not(argument: unknown, scope: Scope): boolean {
  const [condition] = scope.literalList(argument, 1);
  return !evaluate(condition, scope.below(0));
}

/** Evaluates every condition, so that an invalid one is always reported. */
function members(argument: unknown, scope: Scope): readonly boolean[] {
  return scope.literalList(argument, 2, 10).map((condition, index) => evaluate(condition, scope.below(index)));
}
