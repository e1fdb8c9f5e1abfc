import { VaultError } from '../contract/errors';

const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** Throws `Misconfigured` for anything but a key's own ARN: an alias can be pointed at another key at any time. */
export function requireKeyArn(arn: string): string {
  if (KEY_ARN.test(arn)) return arn;
  const got = /^(arn:.*:)?alias\//.test(arn) ? 'an alias' : 'something else';
  throw new VaultError('Misconfigured', `expected the ARN of a KMS key, got ${got}`);
}
