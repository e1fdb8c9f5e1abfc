import { join } from 'node:path';
import { synthesized } from '../../support/synthesized';

/** The template of `dev` with the handlers that ship beside it, as `npm run synth` leaves it. */
export function devTemplate(): string {
  return join(synthesized(join(__dirname, 'dev-stack.ts')), 'ShareVault-dev.template.json');
}
