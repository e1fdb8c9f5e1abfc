import { both, every, is, oneOf } from './finding';
import { type Resource, at } from './template';

const KEY = 'AWS::KMS::Key';
const symmetric = ({ properties }: Resource) => at(properties, 'KeySpec') === undefined;
const asymmetric = (key: Resource) => !symmetric(key);

/** KMS.4: symmetric keys rotate, as often as KMS lets them. */
export const keysRotate = both(
  every(KEY, ['EnableKeyRotation'], is(true), symmetric),
  every(KEY, ['RotationPeriodInDays'], is(90), symmetric),
);

/** KMS.3: a deletion can be cancelled for 30 days, the longest window of KMS. */
export const keysHaveLongestDeletionWindow = every(KEY, ['PendingWindowInDays'], is(30));

export const transportKeysAreStrong = both(
  every(KEY, ['KeySpec'], is('RSA_4096'), asymmetric),
  every(KEY, ['KeyUsage'], is('ENCRYPT_DECRYPT'), asymmetric),
);

/** Made by KMS, in one region, in use: a replica or imported material would be a copy outside this key's policy. */
export const keysHaveNoCopies = both(
  every(KEY, ['MultiRegion'], oneOf(undefined, false)),
  every(KEY, ['Origin'], oneOf(undefined, 'AWS_KMS')),
  every(KEY, ['Enabled'], oneOf(undefined, true)),
);

/** No key skips the lockout check: it refuses a policy that no one could change any more. */
export const keysKeepTheLockoutCheck = every(KEY, ['BypassPolicyLockoutSafetyCheck'], oneOf(undefined, false));
