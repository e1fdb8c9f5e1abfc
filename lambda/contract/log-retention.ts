/**
 * Days that the rows of the access log can stay in the database. Auditors want the last three months at hand and a year in all
 * (PCI DSS 10.5.1): the archive in the bucket has the rest.
 */
export const LOG_RETENTION_DAYS = { min: 90, max: 3_650 } as const;
/** Days that the bucket keeps an archived month at least, whatever the retention in the database is. */
export const ARCHIVED_DAYS = 365;
