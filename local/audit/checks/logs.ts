import { every, is } from './finding';
import { isOfFunction } from './template';

const GROUP = 'AWS::Logs::LogGroup';

export const logsAreEncrypted = every(GROUP, ['KmsKeyId'], is('${VaultStorageKey.Arn}'));

/** A year: an incident is often older than it is known. */
export const logsAreKept = every(GROUP, ['RetentionInDays'], is(365));

/** The last line: what should never be logged is masked if it is. */
export const logsMaskSecrets = every(GROUP, ['DataProtectionPolicy', 'Name'], is('share-vault'), isOfFunction);
