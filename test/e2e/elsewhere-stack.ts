import { join } from 'node:path';
import { synthesizeDev } from '../../tools/build/dev-template';
import { localKeyProps } from '../../tools/build/local-keys';

/** Keys outside AWS, each as the only key of a vault. */
export const ONLY_KEYS = ['google', 'azure', 'hsm', 'vault'] as const;

/** As a script, writes the template of a vault for each of these keys, with its assets, to a folder of the given one. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const key of ONLY_KEYS) {
    const { otherKeys: [shareKey] = [], egress } = localKeyProps([key], '');
    synthesizeDev(join(folder, key), { shareKey, egress });
  }
}
