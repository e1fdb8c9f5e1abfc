import { VaultError } from './errors';

/** The functions' environment variables: every name is written here and nowhere else; the constructs set what this file reads. */
export const ENV = {
  environment: 'SHARE_VAULT_ENVIRONMENT',
  shareKeyArn: 'SHARE_VAULT_SHARE_KEY_ARN',
  webhookKeys: 'SHARE_VAULT_WEBHOOK_KEYS',
  intakeKeys: 'SHARE_VAULT_INTAKE_KEYS',
  dbGeneration: 'SHARE_VAULT_DB_GENERATION',
  dbHost: 'SHARE_VAULT_DB_HOST',
  dbPort: 'SHARE_VAULT_DB_PORT',
  dbName: 'SHARE_VAULT_DB_NAME',
  dbUser: 'SHARE_VAULT_DB_USER',
  dbCaFile: 'SHARE_VAULT_DB_CA_FILE',
  dbAuth: 'SHARE_VAULT_DB_AUTH',
  dbSecretArn: 'SHARE_VAULT_DB_SECRET_ARN',
  webhookSecretArn: 'SHARE_VAULT_WEBHOOK_SECRET_ARN',
  webhookBudgetMs: 'SHARE_VAULT_WEBHOOK_BUDGET_MS',
  actors: 'SHARE_VAULT_ACTORS',
  backupDays: 'SHARE_VAULT_BACKUP_DAYS',
} as const;

/**
 * An environment's name: it stands in encryption contexts, so no two vaults that share an account may share it. It is
 * part of the cluster's identifier, in which RDS takes neither two hyphens in a row nor one at the end.
 */
export const ENVIRONMENT_PATTERN = /^[a-z](?!.*--)[a-z0-9-]{0,14}[a-z0-9]$/;
/** An actor's name is a Lambda alias: never all digits (a version), and short enough for a metric dimension. */
export const ACTOR_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;
/** A key's name stands in parameters' names and is a member's name of JSON, where `__proto__` is lost by some writers. */
export const KID_PATTERN = /^(?!__proto__$)[A-Za-z0-9_.-]{1,64}$/;
export const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
/** A name in PostgreSQL that needs no quotes. */
export const DATABASE_NAME_PATTERN = /^[a-z_][a-z0-9_]{0,62}$/;

/** What each variable holds once read. Kinds are those of api.ts. */
export interface Settings {
  readonly environment: string;
  /** ARN of a key, never of an alias: an alias can be pointed at another key */
  readonly shareKeyArn: string;
  /** kid → ARN of a KMS key or of a secret with a private key */
  readonly webhookKeys: ReadonlyMap<string, string>;
  /** kid → ARN of a KMS key */
  readonly intakeKeys: ReadonlyMap<string, string>;
  /** changes with the database behind the host's name, and with it every function's configuration: a version is published */
  readonly dbGeneration: string;
  readonly dbHost: string;
  readonly dbPort: number;
  readonly dbName: string;
  readonly dbUser: string;
  /** PEM file with the certificate authorities that may vouch for the database */
  readonly dbCaFile: string;
  /** `iam`: tokens signed with the function's credentials; `password`: from `PGPASSWORD` or the secret */
  readonly dbAuth: 'iam' | 'password';
  readonly dbSecretArn: string;
  readonly webhookSecretArn: string;
  /** milliseconds within which a webhook is answered, whatever became of it */
  readonly webhookBudgetMs: number;
  /** actor → the kinds it was given */
  readonly actors: ReadonlyMap<string, readonly string[]>;
  /** days for which backups are kept */
  readonly backupDays: number;
}

type Reader<T> = (text: string) => T | Problem;

class Problem {
  constructor(readonly expected: string) {}
}

const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/;
const KIND = /^(delegated-share|server-key-shares)$/;

const READERS: { readonly [K in keyof Settings]: Reader<Settings[K]> } = {
  environment: matching(ENVIRONMENT_PATTERN, 'an environment name'),
  shareKeyArn: matching(KMS_KEY_ARN, 'the ARN of a KMS key, not of an alias'),
  webhookKeys: mapOf(
    KID_PATTERN,
    either(KMS_KEY_ARN, SECRET_ARN),
    'a JSON object of key id to KMS key ARN or secret ARN',
  ),
  intakeKeys: mapOf(KID_PATTERN, either(KMS_KEY_ARN), 'a JSON object of key id to KMS key ARN'),
  dbGeneration: matching(/^[0-9a-f]{12}$/, '12 hexadecimal digits'),
  dbHost: matching(/^[A-Za-z0-9.:-]{1,255}$/, 'a host name'),
  dbPort: wholeNumber(1, 65_535),
  dbName: matching(DATABASE_NAME_PATTERN, 'a database name'),
  dbUser: matching(DATABASE_NAME_PATTERN, 'a database user'),
  dbCaFile: matching(/^\/.+$/, 'an absolute path'),
  dbAuth: (text) => (text === 'iam' || text === 'password' ? text : new Problem('iam or password')),
  dbSecretArn: matching(SECRET_ARN, 'the ARN of a secret'),
  webhookSecretArn: matching(SECRET_ARN, 'the ARN of a secret'),
  webhookBudgetMs: wholeNumber(500, 29_000),
  actors: mapOf(ACTOR_PATTERN, kinds, 'a JSON object of actor name to a list of kinds'),
  backupDays: wholeNumber(1, 3_650),
};

/**
 * Reads the named settings. Throws `Misconfigured` that names every variable that is missing or malformed, at once;
 * values are never quoted.
 */
export function readEnv<K extends keyof Settings>(
  wanted: readonly K[],
  source: NodeJS.ProcessEnv = process.env,
): Pick<Settings, K> {
  const settings: Partial<Settings> = {};
  const problems: string[] = [];
  for (const key of wanted) {
    const text = source[ENV[key]];
    const value = text === undefined || text === '' ? new Problem('a value') : READERS[key](text);
    if (value instanceof Problem) {
      const got = text === undefined ? 'none' : text === '' ? 'an empty one' : 'something else';
      problems.push(`${ENV[key]}: expected ${value.expected}, got ${got}`);
    } else {
      Object.assign(settings, { [key]: value });
    }
  }
  // a function with a secret of its own reads its password there
  if (settings.dbAuth === 'password' && !wanted.some((key) => key === 'dbSecretArn') && !source.PGPASSWORD) {
    problems.push('PGPASSWORD: expected a value, got none');
  }
  if (problems.length > 0) throw new VaultError('Misconfigured', `environment variables: ${problems.join('; ')}`);
  return settings as Pick<Settings, K>;
}

function matching(pattern: RegExp, expected: string): Reader<string> {
  return (text) => (pattern.test(text) ? text : new Problem(expected));
}

function wholeNumber(min: number, max: number): Reader<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : new Problem(`a whole number from ${min} to ${max}`);
  };
}

function mapOf<V>(
  key: RegExp,
  value: (value: unknown) => V | undefined,
  expected: string,
): Reader<ReadonlyMap<string, V>> {
  return (text) => {
    const entries = new Map<string, V>();
    for (const [name, item] of Object.entries(jsonObject(text) ?? {})) {
      const read = value(item);
      if (!key.test(name) || read === undefined) return new Problem(expected);
      entries.set(name, read);
    }
    return entries.size > 0 ? entries : new Problem(expected);
  };
}

function jsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function either(...patterns: readonly RegExp[]): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'string' && patterns.some((pattern) => pattern.test(value)) ? value : undefined);
}

function kinds(value: unknown): readonly string[] | undefined {
  const valid = Array.isArray(value) && value.every((kind) => typeof kind === 'string' && KIND.test(kind));
  return valid ? (value as readonly string[]) : undefined;
}
