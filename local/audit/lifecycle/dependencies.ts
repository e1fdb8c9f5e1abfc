import { referencesIn } from './references';
import type { Resource } from './template';

/** Ids by id. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/** Returns the ids that each resource itself waits for, pseudo parameters among them. */
export function dependenciesOf(resources: readonly Resource[]): Edges {
  const needs = ({ dependsOn, properties }: Resource): readonly string[] => [
    ...dependsOn,
    ...referencesIn(properties).map(({ id }) => id),
  ];
  return new Map(resources.map((resource) => [resource.id, needs(resource)]));
}
