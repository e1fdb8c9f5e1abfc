import { VaultError } from '../contract/errors';
import { MAX_OPENING_KEYS } from '../contract/limits';
import { KMS_KEY_ARN_PATTERN } from '../contract/patterns';
import { ENV } from '../contract/variables';

/**
 * Returns the ARNs of the share keys in AWS KMS that only open: none without the variable. Throws `Misconfigured` if it
 * is malformed; values are never quoted.
 */
export function readOpeningKeyArns(source: NodeJS.ProcessEnv = process.env): readonly string[] {
  const text = source[ENV.openingKeyArns];
  if (text === undefined) return [];
  try {
    return parseOpeningKeyArns(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new VaultError('Misconfigured', `environment variables: ${ENV.openingKeyArns}: ${error.message}`);
  }
}

/** Throws `TypeError` unless the text is a list of different ARNs of keys. */
export function parseOpeningKeyArns(text: string): readonly string[] {
  const arns = listOf(text);
  const expected = `1 to ${MAX_OPENING_KEYS} different ARNs of KMS keys`;
  const isList = arns.length > 0 && arns.length <= MAX_OPENING_KEYS && new Set(arns).size === arns.length;
  if (isList && arns.every((arn) => KMS_KEY_ARN_PATTERN.test(arn))) return arns;
  throw new TypeError(`expected ${expected}, got something else`);
}

function listOf(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : [];
  } catch {
    return [];
  }
}
