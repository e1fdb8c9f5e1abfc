import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of this checkout with the local vault's default template. */
export const SHIPPED = join(__dirname, '..', '..', 'dist', 'template');

/** Copies a template of the environment `dev` to the place of the local vault's default one. */
export function shipTemplate(template: string, outdir = SHIPPED): void {
  mkdirSync(outdir, { recursive: true });
  const file = join(outdir, 'ShareVault-dev.template.json');
  // another process may read the present one
  copyFileSync(template, `${file}.${process.pid}`);
  renameSync(`${file}.${process.pid}`, file);
}
