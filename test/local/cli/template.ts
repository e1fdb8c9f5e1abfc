import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeDev } from '../../../bin/dev-template';

let file: string | undefined;

/** The template of `dev` with the handlers that ship beside it, as `npm run synth` leaves it; once for each test file. */
export function devTemplate(): string {
  file ??= synthesizeDev(join(mkdtempSync(join(tmpdir(), 'cli-')), 'cdk.out'));
  return file;
}
