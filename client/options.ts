import type { LambdaClient } from '@aws-sdk/client-lambda';
import { ACTOR_PATTERN, ENVIRONMENT_PATTERN, FUNCTION_PATTERN } from '../lambda/contract/patterns';
import { RECIPIENT_CURVES } from '../lambda/contract/transport';
import { type CacheSettings, type PropertiesCacheOptions, readCacheOptions } from './cache-options';
import { type IntakeKey, type IntakeKeyOption, intakeKeysOf } from './intake-key';
import type { FetchIntakeKeys } from './lazy-intake-keys';
import type { RecipientCurve } from './recipient';
import type { RetryPolicy } from './retry';

/** Default limit of one attempt, as long as the slowest function may take. */
export const ATTEMPT_TIMEOUT_MS = 60_000;

/** The functions of a vault that a client may call. */
export type FunctionKey = 'seal' | 'unseal' | 'revoke' | 'properties' | 'audit' | 'freeze' | 'thaw';
export const FUNCTION_KEYS: readonly FunctionKey[] = [
  'seal',
  'unseal',
  'revoke',
  'properties',
  'audit',
  'freeze',
  'thaw',
];

export interface ShareVaultClientOptions {
  /** the vault's environment, such as `prod`: part of every encrypted request, compared in every response */
  readonly environment: string;
  /** the actor: the functions are invoked through their aliases of this name */
  readonly actor: string;
  /** names or ARNs of the called functions, at least one, without a qualifier (that is the actor) */
  readonly functions: Readonly<Partial<Record<FunctionKey, string>>>;
  /**
   * keys for `seal`, the newest first, or a function that fetches them at the first seal; only the first is used. Required
   * with `functions.seal`
   */
  readonly intakeKeys?: readonly IntakeKeyOption[] | FetchIntakeKeys;
  /** @default - a client with the process's configuration, without retries of its own */
  readonly lambda?: Pick<LambdaClient, 'send'>;
  /** region of the functions, without `lambda`. @default - the process's */
  readonly region?: string;
  /** curve of the one-time key of an `unseal`. @default 'P-256' */
  readonly recipientCurve?: RecipientCurve;
  /** the cache of `walletProperties` */
  readonly propertiesCache?: PropertiesCacheOptions;
  /** maximum number of attempts of a call, 1 to 10. @default 4 */
  readonly attempts?: number;
  /** milliseconds before the second attempt, 0 to 5,000, doubled before each further one. @default 200 */
  readonly backoffMs?: number;
  /** time limit of one attempt in milliseconds, 1 to 900,000. @default 60,000 */
  readonly attemptTimeoutMs?: number;
}

export interface Settings {
  readonly environment: string;
  readonly actor: string;
  readonly functions: ShareVaultClientOptions['functions'];
  /** empty until they are fetched, if they are */
  readonly intakeKeys: readonly IntakeKey[];
  readonly fetchIntakeKeys: FetchIntakeKeys | undefined;
  readonly region: string | undefined;
  readonly recipientCurve: RecipientCurve;
  readonly propertiesCache: CacheSettings;
  readonly retry: RetryPolicy;
  readonly attemptTimeoutMs: number;
}

/** Throws one `TypeError` that names every missing or malformed option; no value is quoted. */
export function readOptions(options: ShareVaultClientOptions): Settings {
  const problems: string[] = [];
  const complain = (place: string, expected: string): void => {
    problems.push(`${place}: expected ${expected}`);
  };
  const { environment, actor, functions, lambda, region, recipientCurve = 'P-256' } = asObject(options);
  const { attempts = 4, backoffMs = 200, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = asObject(options);

  if (!matches(ENVIRONMENT_PATTERN, environment)) complain('environment', 'the name of an environment');
  if (!matches(ACTOR_PATTERN, actor))
    complain('actor', 'the name of an actor (lower-case letters, digits and hyphens)');
  readFunctions(functions, complain);
  const intakeKeys = readIntakeKeys(asObject(options), problems);
  if (lambda !== undefined && typeof lambda.send !== 'function') complain('lambda', 'a LambdaClient');
  if (region !== undefined && !matches(/^[a-z0-9-]{1,64}$/, region)) complain('region', 'the name of a region');
  if (!RECIPIENT_CURVES.includes(recipientCurve)) complain('recipientCurve', RECIPIENT_CURVES.join(' or '));
  const propertiesCache = readCacheOptions(asObject(options).propertiesCache, complain);
  if (!isWhole(attempts, 1, 10)) complain('attempts', 'a whole number from 1 to 10');
  if (!isWhole(backoffMs, 0, 5_000)) complain('backoffMs', 'a whole number from 0 to 5000');
  if (!isWhole(attemptTimeoutMs, 1, 900_000)) complain('attemptTimeoutMs', 'a whole number from 1 to 900000');

  if (problems.length > 0) throw new TypeError(`options of ShareVaultClient: ${problems.join('; ')}`);
  const retry = { attempts, backoffMs };
  const fetchIntakeKeys = typeof options.intakeKeys === 'function' ? options.intakeKeys : undefined;
  const keys = { intakeKeys, fetchIntakeKeys, recipientCurve };
  return { environment, actor, functions: { ...functions }, region, ...keys, propertiesCache, retry, attemptTimeoutMs };
}

function readFunctions(functions: unknown, complain: (place: string, expected: string) => void): void {
  const given = Object.entries(typeof functions === 'object' ? (functions ?? {}) : {});
  const called = given.filter(([, name]) => name !== undefined);
  if (called.length === 0) complain('functions', `at least one of ${FUNCTION_KEYS.join(', ')}`);
  for (const [key, name] of called) {
    const known = FUNCTION_KEYS.some((each) => each === key);
    if (!known) complain('functions', `${FUNCTION_KEYS.join(', ')} alone`);
    else if (!matches(FUNCTION_PATTERN, name))
      complain(`functions.${key}`, 'the name or ARN of a function, without a qualifier');
  }
}

function readIntakeKeys(options: ShareVaultClientOptions, problems: string[]): readonly IntakeKey[] {
  const { functions, intakeKeys = [] } = options;
  if (typeof intakeKeys === 'function') return [];
  const given: readonly IntakeKeyOption[] = Array.isArray(intakeKeys) ? intakeKeys : [];
  if (asObject(functions).seal !== undefined && given.length === 0) {
    problems.push('intakeKeys: expected at least one, since functions.seal is given');
  }
  return intakeKeysOf(given, problems);
}

/** Returns an object unchanged, and an empty one for any other value of a caller without types. */
function asObject<T extends object>(value: T): T {
  const given: unknown = value;
  return typeof given === 'object' && given !== null ? value : ({} as T);
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
