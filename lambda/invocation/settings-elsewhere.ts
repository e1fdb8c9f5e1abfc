import { ELSEWHERE_ENV, type OtherKeyDescription } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { LIMITS, MAX_DATA_KEYS } from '../contract/limits';
import { OTHER_KEY, otherKeyId } from '../contract/other-key';
import { KMS_KEY_ARN_PATTERN } from '../contract/patterns';
import type { RecoveryPublicKey } from '../contract/recovery';
import { readBy } from '../contract/schema';
import { ENV } from '../contract/variables';
import { parseOpeningKeyArns } from './opening-keys';
import { parseJson, readRecoveryKeys } from './recovery-settings';

/** The keys that a function seals or opens with, by its environment variables. */
export interface KeySettings {
  /** of the vault's own key in AWS KMS, if it has one */
  readonly shareKeyArn?: string | undefined;
  /** the first one makes the data keys, if there is no key in AWS KMS */
  readonly otherKeys: readonly OtherKeyDescription[];
  readonly openWithOtherKeys: boolean;
  /** of share keys in AWS KMS that only open */
  readonly openingKeyArns: readonly string[];
  /** share keys elsewhere that only open */
  readonly openingKeys: readonly OtherKeyDescription[];
  readonly recoveryKeys: readonly RecoveryPublicKey[];
}

/** Throws `Misconfigured` that names every variable that is missing or malformed, at once; values are never quoted. */
export function readKeySettings(source: NodeJS.ProcessEnv = process.env): KeySettings {
  const problems: string[] = [];
  const read = <T>(name: string, absent: T, reader: (text: string) => T): T => {
    const text = source[name];
    if (text === undefined) return absent;
    try {
      return reader(text);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      problems.push(`${name}: ${error.message}`);
      return absent;
    }
  };
  const settings = {
    shareKeyArn: read<string | undefined>(ENV.shareKeyArn, undefined, readArn),
    otherKeys: read(ELSEWHERE_ENV.otherKeys, [], readOtherKeys),
    openWithOtherKeys: read(ELSEWHERE_ENV.openWithOtherKeys, false, readFlag),
    openingKeyArns: read<readonly string[]>(ENV.openingKeyArns, [], parseOpeningKeyArns),
    openingKeys: read(ELSEWHERE_ENV.openingKeys, [], readOtherKeys),
    recoveryKeys: read(ELSEWHERE_ENV.recoveryKeys, [], readRecoveryKeys),
  };
  if (problems.length === 0) problems.push(...countProblems(settings));
  if (problems.length > 0) throw new VaultError('Misconfigured', `environment variables: ${problems.join('; ')}`);
  return settings;
}

function countProblems({ shareKeyArn, otherKeys, recoveryKeys }: KeySettings): readonly string[] {
  const online = otherKeys.length + (shareKeyArn === undefined ? 0 : 1);
  const names = `${ENV.shareKeyArn}, ${ELSEWHERE_ENV.otherKeys}`;
  if (online === 0) return [`${names}: expected a key, got none`];
  const all = online + recoveryKeys.length;
  if (all <= MAX_DATA_KEYS) return [];
  return [`${names}, ${ELSEWHERE_ENV.recoveryKeys}: expected at most ${MAX_DATA_KEYS} keys in all, got ${all}`];
}

function readArn(text: string): string {
  if (KMS_KEY_ARN_PATTERN.test(text)) return text;
  throw new TypeError('expected the ARN of a KMS key, not of an alias, got something else');
}

function readFlag(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new TypeError('expected true or false, got something else');
}

function readOtherKeys(text: string): readonly OtherKeyDescription[] {
  const value = parseJson(text);
  if (!Array.isArray(value) || value.length === 0) throw new TypeError('expected a list of keys, got something else');
  const keys = value.map((each, i) =>
    readBy(OTHER_KEY, each, { name: 'description' }, (message) => new TypeError(`key ${i + 1}: ${message}`)),
  );
  const ids = keys.map(otherKeyId);
  if (new Set(ids).size < ids.length) throw new TypeError('expected each key once, got one twice');
  // the column is varchar(255)
  if (ids.every((id) => id.length <= LIMITS.idChars)) return keys;
  throw new TypeError(`expected names of keys of at most ${LIMITS.idChars} characters, got a longer one`);
}
