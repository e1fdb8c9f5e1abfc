import { join } from 'node:path';
import { shipTemplate } from '../../../tools/build/shipped-template';
import { commandTemplates } from '../../support/commands';
import { synthesized } from '../../support/synthesized';

/** The template of `dev` with the handlers that ship beside it, as `npm run synth` leaves it. */
export function devTemplate(): string {
  return join(synthesized(join(__dirname, 'dev-stack.ts')), 'ShareVault-dev.template.json');
}

/** Puts the template of `dev` where the command, as it ships and from its sources, finds its default one. */
export function shipDevTemplate(): void {
  for (const folder of [commandTemplates(), undefined]) shipTemplate(devTemplate(), folder);
}
