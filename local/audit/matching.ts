import type { Binding } from './bindings';
import type { Json } from './json';
import type { Placeholders } from './placeholders';
import type { Shape } from './shape';
import type { Values, VaultFacts } from './vault-facts';

/** An expected value, and the values of its placeholders that are known. */
export type Expected = readonly [shape: Shape, values: Values];

/** A property that has another value than expected. */
export interface Mismatch {
  readonly property: string;
  readonly expected: string;
  readonly got: string;
}

/** The comparison of one resource, as the matchers of texts, tags and policies use it. */
export interface Matching {
  readonly facts: VaultFacts;
  readonly placeholders: Placeholders;
  /** Whether permissions for resources outside the vault may exist beside the expected ones. */
  readonly shared: boolean;
  readonly mismatches: Mismatch[];
  readonly bindings: Binding[];
  /** Compares a value, undefined for an absent one, with a shape. */
  match(shape: Shape, actual: Json | undefined, property: string, values: Values): void;
  /** Returns whether a value has a shape. If not, its mismatches and bindings are dropped. */
  fits(shape: Shape, actual: Json, values: Values): boolean;
  /** Records a mismatch. */
  refuse(property: string, expected: string, actual: Json | undefined): void;
  /** Returns the expected elements of a list, including those for every resource of a role. */
  elements(shape: readonly Json[], values: Values): readonly Expected[];
  /** Returns the shape that the vault's features select, undefined for an absent value. */
  choose(shape: Shape): Shape | undefined;
}

/** Returns the path of an object's member. */
export function join(property: string, name: string): string {
  return property === '' ? name : `${property}.${name}`;
}
