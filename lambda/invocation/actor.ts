import type { Kind } from '../contract/kinds';
import { ACTOR_PATTERN } from '../contract/patterns';
import { VaultError } from '../contract/errors';

/** The name under which a caller was allowed to invoke, and the kinds of record that it was given. */
export interface Actor {
  readonly name: string;
  readonly kinds: readonly string[];
}

/**
 * Reads the actor from the ARN that was invoked: `arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS`. Refuses with
 * `ActorRequired` a call without an alias, `$LATEST`, a version number, and an alias that no actor has. The name proves
 * that IAM allowed the caller to invoke that alias.
 */
export function readActor(invokedFunctionArn: string, actors: ReadonlyMap<string, readonly string[]>): Actor {
  const qualifier = qualifierOf(invokedFunctionArn);
  if (qualifier === undefined) throw refusal('an unqualified call');
  if (!ACTOR_PATTERN.test(qualifier)) throw refusal('a version or another qualifier');
  const kinds = actors.get(qualifier);
  if (kinds === undefined) throw refusal('an alias that is no actor');
  return { name: qualifier, kinds };
}

/** Returns the alias or the version that was invoked; `undefined` for an unqualified call. */
export const qualifierOf = (invokedFunctionArn: string): string | undefined => invokedFunctionArn.split(':')[7];

/** Refuses with `ActorRequired` a call through anything but one alias. */
export function requireAlias(invokedFunctionArn: string, alias: string): void {
  if (qualifierOf(invokedFunctionArn) === alias) return;
  throw new VaultError('ActorRequired', `expected a call through the alias ${alias}, got another`);
}

/** Refuses with `ActorRequired` a kind that the actor was not given. */
export function requireKind(actor: Actor, kind: Kind): void {
  if (actor.kinds.includes(kind)) return;
  throw new VaultError('ActorRequired', `expected an actor that was given ${kind}, got one without it`);
}

function refusal(got: string): VaultError {
  return new VaultError('ActorRequired', `expected a call through an actor's alias, got ${got}`);
}
