import { every, is } from './finding';
import { isOfFunction } from './template';

const GROUP = 'AWS::Logs::LogGroup';

export const logsAreEncrypted = every(GROUP, ['KmsKeyId'], is('${VaultStorageKey.Arn}'));

/** One year: incidents are often found long after they began. */
export const logsAreKept = every(GROUP, ['RetentionInDays'], is(365));

/** The last defence: a secret that is logged by mistake is masked. */
export const logsMaskSecrets = every(GROUP, ['DataProtectionPolicy', 'Name'], is('share-vault'), isOfFunction);
