import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vaultStack } from '../support/local-vault-stack';
import { VALIDATED_ELSEWHERE, cdkApp } from '../support/synth';
import { templateFile } from '../support/template-file';

/** The file of the template that the script writes. */
export const TOMBSTONE_TEMPLATE = 'tombstones.template.json';

/** As a script, writes the template of a vault with a bucket of tombstones to a given folder, without code. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  const app = cdkApp(mkdtempSync(join(tmpdir(), 'synth-')), VALIDATED_ELSEWHERE);
  copyFileSync(
    templateFile(
      vaultStack(app, 'patient', () => ({ tombstones: {} })),
      app,
    ),
    join(folder, TOMBSTONE_TEMPLATE),
  );
}
