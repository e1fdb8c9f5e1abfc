import { join } from 'node:path';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { ShareKey } from '../../lib/share-key';
import { synthesizeDev } from '../../tools/build/dev-template';
import { type LocalKey, localKeyProps } from '../../tools/build/local-keys';

/** Replacements of a share key: the key before, and the key after. */
export const REPLACEMENTS = {
  'google-to-vault': ['google', 'vault'],
  'kms-to-google': ['kms', 'google'],
} as const satisfies Readonly<Record<string, readonly [LocalKey | 'kms', LocalKey]>>;

/** The props of a vault that seals under one key, and also opens with another. */
function propsOf(seals: LocalKey | 'kms', opens: LocalKey | 'kms'): Partial<ShareVaultProps> {
  const external = [seals, opens].flatMap((key) => (key === 'kms' ? [] : [key]));
  const { otherKeys = [], egress } = localKeyProps(external, '');
  const [first, second = first] = otherKeys;
  return {
    ...(seals !== 'kms' && { shareKey: first }),
    retiringShareKeys: [opens === 'kms' ? ShareKey.ofVault() : second].filter((key) => key !== undefined),
    egress,
  };
}

/** As a script, writes for each replacement the templates before and after the keys trade places, with their assets. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const [name, [former, present]] of Object.entries(REPLACEMENTS)) {
    synthesizeDev(join(folder, name, 'before'), propsOf(former, present));
    synthesizeDev(join(folder, name, 'after'), propsOf(present, former));
  }
}
