import { join } from 'node:path';
import { shipTemplate } from '../../../tools/build/shipped-template';
import { commandTemplates } from '../../support/commands';
import { synthesized } from '../../support/synthesized';

/** Returns the path of the template of `dev`, with the packaged handlers beside it as after `npm run synth`. */
export function devTemplate(): string {
  return join(synthesized(join(__dirname, 'dev-stack.ts')), 'ShareVault-dev.template.json');
}

/** Copies the template of `dev` to the default paths of the bundled command and of its sources. */
export function shipDevTemplate(): void {
  for (const folder of [commandTemplates(), undefined]) shipTemplate(devTemplate(), folder);
}
