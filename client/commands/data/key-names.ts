import { RECOVERY_PROVIDER_ID } from '../../../lambda/contract/elsewhere';

/**
 * Returns the short name of a key that a record is wrapped to, such as `aws-kms 0f6f5f1e-…` or `recovery safe-2026`:
 * names of places are long, and the keys of a vault mostly share one.
 */
export function shortKeyName(wrappedKey: string): string {
  const blank = wrappedKey.indexOf(' ');
  const [provider, info] = [wrappedKey.slice(0, blank), wrappedKey.slice(blank + 1)];
  if (provider === RECOVERY_PROVIDER_ID) return `recovery ${info.split(' ')[0] ?? ''}`;
  // the last segment of a key's id at Azure is its version
  const [name = '', version] = info.split('/').slice(provider.startsWith('azure-') ? -2 : -1);
  return [provider, [name, version].filter((part) => part !== undefined).join('/')].join(' ');
}
