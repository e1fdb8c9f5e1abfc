/** What the keys of tombstones in the bucket begin with. */
export const TOMBSTONES_PREFIX = 'tombstones/';
