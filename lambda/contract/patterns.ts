/**
 * An environment's name. It is part of encryption contexts, so two vaults of one account must not share it. It is part of
 * the cluster's identifier too; RDS refuses two hyphens in a row and a hyphen at the end.
 */
export const ENVIRONMENT_PATTERN = /^[a-z](?!.*--)[a-z0-9-]{0,14}[a-z0-9]$/;
/** An actor's name is a Lambda alias: never all digits (a version), and short enough for a metric dimension. */
export const ACTOR_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
/** A key's name. It is part of parameters' names and a JSON member's name; some writers of JSON lose `__proto__`. */
export const KID_PATTERN = /^(?!__proto__$)[A-Za-z0-9_.-]{1,64}$/;
export const KMS_KEY_ARN_PATTERN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
export const SECRET_ARN_PATTERN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/;
/** RDS's own id of a cluster: unlike the cluster's name, each restore gets another one. */
export const CLUSTER_ID_PATTERN = /^cluster-[A-Z0-9]{1,56}$/;
/** An account and the name of a bucket of it, without dots: they don't fit into the names of certificates. */
export const BUCKET_PLACE_PATTERN = /^(\d{12})\/([a-z0-9][a-z0-9-]{1,61}[a-z0-9])$/;
/** The key of an object, in characters that no URL has to escape. */
export const OBJECT_KEY_PATTERN = /^[A-Za-z0-9/.-]{1,256}$/;
/** A key of any characters, as S3 allows it. */
export const ANY_KEY_PATTERN = /^[^]{1,1024}$/;
/** A function's name, partial ARN or ARN, without a qualifier. */
export const FUNCTION_PATTERN = /^((arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?[A-Za-z0-9_-]{1,64}$/;
/** A host's name or address. */
export const HOST_PATTERN = /^[A-Za-z0-9.:-]{1,255}$/;
/** A name in PostgreSQL that needs no quotes. */
export const DATABASE_NAME_PATTERN = /^[a-z_][a-z0-9_]{0,62}$/;
/** Name of an execution of a state machine, without characters that a shell or a log could read otherwise. */
export const RUN_PATTERN = /^[A-Za-z0-9_-]{1,80}$/;
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A SHA-256 in lower-case hexadecimal digits. */
export const SHA256_PATTERN = /^[0-9a-f]{64}$/;
/** An id of key material in AWS KMS (`KeyMaterialId`). */
export const MATERIAL_ID_PATTERN = SHA256_PATTERN;
/** A transport's `jti`. */
export const TRANSPORT_ID_PATTERN = /^[A-Za-z0-9_-]{16,64}$/;
