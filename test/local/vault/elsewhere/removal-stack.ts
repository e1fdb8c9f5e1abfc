import { synthesizeDev } from '../../../../tools/build/dev-template';
import { localBodyProps } from '../../../../tools/build/local-bodies';
import { localKeyProps } from '../../../../tools/build/local-keys';

/** As a script, writes the template of a vault with a key at Google and bodies in Secrets Manager to the given folder. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  synthesizeDev(folder, { ...localBodyProps('secrets-manager'), ...localKeyProps(['google'], '') });
}
