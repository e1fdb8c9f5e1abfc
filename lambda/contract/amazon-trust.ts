/**
 * The value of `SHARE_VAULT_DB_CA_FILE` that stands for the roots of Amazon Trust Services. RDS Proxy has certificates of
 * AWS Certificate Manager, which those roots sign; the file of Lambda's images is for databases.
 */
export const AMAZON_TRUST = 'amazon-trust';
