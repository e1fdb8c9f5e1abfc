import { referencesIn } from './references';
import type { Resource } from './template';

/** Ids by id. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/** Returns what each resource itself waits for; pseudo parameters are among the ids. */
export function dependenciesOf(resources: readonly Resource[]): Edges {
  const needs = ({ dependsOn, properties }: Resource): readonly string[] => [
    ...dependsOn,
    ...referencesIn(properties).map(({ id }) => id),
  ];
  return new Map(resources.map((resource) => [resource.id, needs(resource)]));
}
