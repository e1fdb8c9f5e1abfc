import { ACTOR_PATTERN, ENVIRONMENT_PATTERN, FUNCTION_PATTERN } from '../lambda/contract/patterns';
import { CONSUMER_ENV, ENV } from '../lambda/contract/variables';
import { intakeKeyProblems } from './fetch-intake-keys';
import { FUNCTION_KEYS, type ShareVaultClientOptions } from './options';

/** The vault that a process is connected to, as an actor. */
export interface Connection extends Pick<ShareVaultClientOptions, 'environment' | 'actor' | 'functions'> {
  /** ARNs of the intake keys by name, the newest first; empty if nothing is sealed */
  readonly keys: Readonly<Record<string, string>>;
}

/** Names and ARNs hold neither of the two separators. */
const PAIRS = /^[^={",]+=[^=",]+(?:,[^={",]+=[^=",]+)*$/;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that `vault.connect` sets. Throws one `TypeError` that names every missing or malformed one, and
 * quotes no value.
 *
 * @param needsKeys whether the names and ARNs of intake keys are needed to seal
 */
export function readConnection(variables: Variables, needsKeys: boolean): Connection {
  const problems: string[] = [];
  const read = (name: string, pattern: RegExp, expected: string): string => {
    const value = variables[name] ?? '';
    if (!pattern.test(value))
      problems.push(`${name}: expected ${expected}, got ${value === '' ? 'none' : 'another text'}`);
    return value;
  };
  const environment = read(ENV.environment, ENVIRONMENT_PATTERN, 'the name of an environment');
  const actor = read(CONSUMER_ENV.actor, ACTOR_PATTERN, 'the name of an actor');
  const called = FUNCTION_KEYS.filter((key) => (variables[CONSUMER_ENV[key]] ?? '') !== '');
  const expected = 'the name or ARN of a function, without a qualifier';
  const functions = Object.fromEntries(called.map((key) => [key, read(CONSUMER_ENV[key], FUNCTION_PATTERN, expected)]));
  if (called.length === 0) {
    problems.push(`expected at least one of ${FUNCTION_KEYS.map((key) => CONSUMER_ENV[key]).join(', ')}, got none`);
  }
  const keys = needsKeys && called.includes('seal') ? parseKeys(variables[ENV.intakeKeys]) : undefined;
  const wrong = keys === undefined ? [] : intakeKeyProblems(keys, functions);
  problems.push(...wrong.map((problem) => `${ENV.intakeKeys}: ${problem}`));
  if (problems.length > 0) throw new TypeError(`variables of the process: ${problems.join('; ')}`);
  return { environment, actor, functions, keys: { ...keys } };
}

/**
 * Reads `KID=ARN,KID=ARN`, for files of variables whose values have no quotes, or JSON. Returns an empty object for any
 * other text: the caller names the problem.
 */
function parseKeys(text = ''): Readonly<Record<string, string>> {
  if (PAIRS.test(text)) {
    const pairs = text.split(',').map((pair) => pair.split('=', 2) as [string, string]);
    return Object.fromEntries(pairs);
  }
  try {
    const keys: unknown = JSON.parse(text);
    return typeof keys === 'object' && keys !== null ? { ...keys } : {};
  } catch {
    return {};
  }
}
