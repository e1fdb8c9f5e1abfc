/** What the keys of archived months of the access log in the bucket begin with. */
export const LOG_ARCHIVE_PREFIX = 'access-log/';
