import type { BodySweep } from '../store/bodies/sweep';

/**
 * The daily sweep of bodies outside the database: none, they are in PostgreSQL. The bundle of vaults with a body store
 * has body-sweep-elsewhere.ts in its place (tools/build/bundle.ts).
 */
export function createBodySweep(): BodySweep {
  return (migrated) => Promise.resolve(migrated);
}

/** Returns the name of the store of bodies, `undefined` if they are in the database. */
export function bodyPlace(): string | undefined {
  return undefined;
}
