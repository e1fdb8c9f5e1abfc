/** What the keys of tombstones in the bucket begin with. */
export const TOMBSTONES_PREFIX = 'tombstones/';
/** What the keys of those begin with that deliveries make: `receive` puts no others. */
export const DELEGATED_TOMBSTONES_PREFIX = 'delegated-tombstones/';
