import { isObject, type Json, type JsonObject } from './json';
import type { Shape } from './shape';

/** Properties that an owner may add to any of the vault's resources of a type. */
export type Additions = Readonly<Record<string, Readonly<Record<string, Shape>>>>;

export interface Separated {
  /** The properties that the vault makes. */
  readonly own: Json;
  /** The added properties, with the shapes that they may have. */
  readonly added: readonly (readonly [property: string, shape: Shape, value: Json])[];
}

/** Separates a resource's properties from those that its owner may have added. */
export function separate(properties: Json, allowed: Readonly<Record<string, Shape>> = {}): Separated {
  if (!isObject(properties)) return { own: properties, added: [] };
  const own: JsonObject = Object.fromEntries(Object.entries(properties).filter(([name]) => !Object.hasOwn(allowed, name))); // prettier-ignore
  const added = Object.entries(allowed).flatMap(([name, shape]) => {
    const value = properties[name];
    return value === undefined ? [] : [[name, shape, value] as const];
  });
  return { own, added };
}
