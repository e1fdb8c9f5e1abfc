import type { Additions } from '../additions';
import type { FeatureData } from '../features';
import { type PlaceholderData, Placeholders } from '../placeholders';
import { readRoles, type Role } from '../roles';
import type { Features, RoleData } from '../shape';
import additions from './additions.json';
import features from './features.json';
import limits from './limits.json';
import placeholders from './placeholders.json';
import roles from './roles.json';

/** A requirement of an environment. */
export type Limit = {
  readonly environment: string;
  /** The features of the vaults that the limit is for; absent: any. */
  readonly if?: readonly Features[];
  readonly why: string;
} & (
  { readonly feature: string; readonly values: readonly string[] } | { readonly role: string; readonly least: number }
);

/** Everything that a vault's template may hold. */
export interface AllowList {
  readonly roles: readonly Role[];
  readonly placeholders: Placeholders;
  readonly features: Readonly<Record<string, FeatureData>>;
  readonly limits: readonly Limit[];
  readonly additions: Additions;
}

/** Creates an allow-list from data. */
export function createAllowList(
  roleData: Readonly<Record<string, RoleData>>,
  placeholderData: Readonly<Record<string, PlaceholderData>> = placeholders as unknown as Record<
    string,
    PlaceholderData
  >,
): AllowList {
  const known = new Placeholders(placeholderData);
  return {
    roles: readRoles(roleData, known),
    placeholders: known,
    features: features,
    limits: limits,
    additions,
  };
}

/** The allow-list of the vaults that this release makes. */
export const ALLOW_LIST = createAllowList(roles as unknown as Readonly<Record<string, RoleData>>);
