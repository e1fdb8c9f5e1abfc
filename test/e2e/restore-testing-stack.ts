import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShareKey } from '../../lib';
import { vaultStack } from '../support/local-vault-stack';
import { VALIDATED_ELSEWHERE, cdkApp } from '../support/synth';
import { templateFile } from '../support/template-file';

/** The file of the template that the script writes. */
export const RESTORE_TESTING_TEMPLATE = 'restore-testing.template.json';

/** As a script, writes the template of a vault that tests its restores to a given folder, without code. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  const app = cdkApp(mkdtempSync(join(tmpdir(), 'synth-')), VALIDATED_ELSEWHERE);
  // its next share key, which only opens
  const stack = vaultStack(app, 'patient', (made) => ({
    restoreTesting: {},
    retiringShareKeys: [new ShareKey(made, 'ShareKey2', { environment: 'local' })],
  }));
  copyFileSync(templateFile(stack, app), join(folder, RESTORE_TESTING_TEMPLATE));
}
