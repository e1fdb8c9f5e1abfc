import type { Features } from './shape';

/** The values of a resource's placeholders as a logical id writes them. */
export type Values = Readonly<Record<string, string>>;

/** The facts of a whole vault that a comparison needs. */
export interface VaultFacts {
  readonly environment: string;
  readonly features: Readonly<Record<string, string>>;
  /** The values of the placeholders of every resource of a role, by the role's path. */
  readonly instances: ReadonlyMap<string, readonly Values[]>;
  /** The values of placeholders that are known from one resource: `secretArn` of each key. */
  readonly known: ReadonlyMap<string, string>;
  /** The types of the template's resources by logical id. */
  readonly types: ReadonlyMap<string, string>;
}

/** Returns whether a vault has one of several sets of features. */
export function selects(alternatives: readonly Features[], features: Readonly<Record<string, string>>): boolean {
  return alternatives.some((wanted) =>
    Object.entries(wanted).every(([name, values]) => [values].flat().includes(features[name] ?? '')),
  );
}
