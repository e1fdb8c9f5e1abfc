import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeDev } from '../../../../tools/build/dev-template';
import { LOCAL_KEYS, localKeyProps } from '../../../../tools/build/local-keys';

/** As a script, writes the template of `npm start -- --keys google,azure,hsm,vault,recovery` and its assets to the given folder. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  const recoveryFile = join(mkdtempSync(join(tmpdir(), 'recovery-')), 'recovery.pem');
  synthesizeDev(folder, localKeyProps(LOCAL_KEYS, recoveryFile));
}
