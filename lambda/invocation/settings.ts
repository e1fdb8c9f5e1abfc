import { VaultError } from '../contract/errors';
import { KINDS, type Kind } from '../contract/kinds';
import { WEBHOOK_BUDGET_MS } from '../contract/limits';
import {
  ACTOR_PATTERN,
  CLUSTER_ID_PATTERN,
  DATABASE_NAME_PATTERN,
  ENVIRONMENT_PATTERN,
  HOST_PATTERN,
  KID_PATTERN,
  KMS_KEY_ARN_PATTERN,
  SECRET_ARN_PATTERN,
} from '../contract/patterns';
import { ENV } from '../contract/variables';

/** The values of the functions' environment variables, once read. */
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
  /** RDS's own id of the cluster behind the host's name: each restore creates another one */
  readonly dbResourceId: string;
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
  /** milliseconds within which a webhook gets its response, successful or not */
  readonly webhookBudgetMs: number;
  /** actor → the kinds it was given */
  readonly actors: ReadonlyMap<string, readonly Kind[]>;
  /** days for which backups are kept */
  readonly backupDays: number;
  /** the actors that may unseal: others can't be frozen by name */
  readonly unsealActors: readonly string[];
}

type Reader<T> = (text: string) => T | Problem;

class Problem {
  constructor(readonly expected: string) {}
}

const READERS: { readonly [K in keyof Settings]: Reader<Settings[K]> } = {
  environment: matching(ENVIRONMENT_PATTERN, 'an environment name'),
  shareKeyArn: matching(KMS_KEY_ARN_PATTERN, 'the ARN of a KMS key, not of an alias'),
  webhookKeys: mapOf(
    KID_PATTERN,
    either(KMS_KEY_ARN_PATTERN, SECRET_ARN_PATTERN),
    'a JSON object of key id to KMS key ARN or secret ARN',
  ),
  intakeKeys: mapOf(KID_PATTERN, either(KMS_KEY_ARN_PATTERN), 'a JSON object of key id to KMS key ARN'),
  dbGeneration: matching(/^[0-9a-f]{12}$/, '12 hexadecimal digits'),
  dbResourceId: matching(CLUSTER_ID_PATTERN, "a cluster's resource id"),
  dbHost: matching(HOST_PATTERN, 'a host name'),
  dbPort: wholeNumber(1, 65_535),
  dbName: matching(DATABASE_NAME_PATTERN, 'a database name'),
  dbUser: matching(DATABASE_NAME_PATTERN, 'a database user'),
  dbCaFile: matching(/^\/.+$/, 'an absolute path'),
  dbAuth: (text) => (text === 'iam' || text === 'password' ? text : new Problem('iam or password')),
  dbSecretArn: matching(SECRET_ARN_PATTERN, 'the ARN of a secret'),
  webhookSecretArn: matching(SECRET_ARN_PATTERN, 'the ARN of a secret'),
  webhookBudgetMs: wholeNumber(WEBHOOK_BUDGET_MS.min, WEBHOOK_BUDGET_MS.max),
  actors: mapOf(ACTOR_PATTERN, kinds, 'a JSON object of actor name to a list of kinds'),
  backupDays: wholeNumber(1, 3_650),
  unsealActors: listOf(ACTOR_PATTERN, 'a JSON list of actor names'),
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

/** A list that may be empty. */
function listOf(item: RegExp, expected: string): Reader<readonly string[]> {
  return (text) => {
    const list = parseJson(text);
    const isItem = (each: unknown): each is string => typeof each === 'string' && item.test(each);
    return Array.isArray(list) && list.every(isItem) ? list : new Problem(expected);
  };
}

function jsonObject(text: string): object | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function either(...patterns: readonly RegExp[]): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'string' && patterns.some((pattern) => pattern.test(value)) ? value : undefined);
}

function kinds(value: unknown): readonly Kind[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const known = KINDS.filter((kind) => value.includes(kind));
  return value.every((kind) => KINDS.some((each) => each === kind)) ? known : undefined;
}
