import type { ActorProps } from '../actor';
import { MaterialKind } from '../material-kind';
import { Operation } from '../operation';
import { describe, requireAccount, requireList, requireMember, requireObject } from './checks';

/**
 * Throws for a kind that the function's handler does not know, and names actor and kind. The handler reads the kinds of
 * all actors at once, so one wrong kind would make it refuse every actor.
 */
export function requireKinds(actor: string, kinds: unknown): asserts kinds is MaterialKind[] {
  const name = `actor "${actor}": kinds`;
  requireList(name, kinds);
  for (const kind of kinds) requireMember(name, kind, MaterialKind);
  requireDistinct(name, kinds);
}

/** Throws for an operation that no function of a vault has. */
export function requireOperations(name: string, operations: unknown): asserts operations is Operation[] {
  requireList(name, operations);
  for (const operation of operations) requireMember(name, operation, Operation);
  requireDistinct(name, operations);
}

/** Throws for a value that occurs twice: the second one may stand for another that is missing. */
function requireDistinct(name: string, values: readonly unknown[]): void {
  const twice = values.find((value, place) => values.indexOf(value) < place);
  if (twice !== undefined) throw new Error(`${name}: expected each value once, got ${describe(twice)} twice`);
}

/** Throws unless an actor's props are valid for its alias and its function. */
export function requireActorProps(actor: string, props: unknown): asserts props is ActorProps {
  requireObject(`actor "${actor}"`, props);
  const { kinds = [], operations = [], accounts = [] } = props as Readonly<Record<string, unknown>>;
  requireKinds(actor, kinds);
  requireOperations(`actor "${actor}": operations`, operations);
  requireList(`actor "${actor}": accounts`, accounts);
  for (const account of accounts) requireAccount(account);
  requireDistinct(`actor "${actor}": accounts`, accounts);
}
