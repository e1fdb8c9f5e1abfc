import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What the build leaves: in a checkout beside this folder, in the package beside its command. */
const DIST = join(__dirname, '..', '..', 'dist');
const PACKED = join(__dirname, '..', 'dist');

/** A template that is deployed, and the code of the vault's functions where that isn't beside it. */
export interface Source {
  /** `NAME.template.json` */
  readonly template: string;
  /** a folder for each function @default - beside the template */
  readonly bundles?: string | undefined;
}

/** The handlers that ship. */
export function shippedBundles(): string {
  return join(distFolder(), 'lambda');
}

/** The template of the environment `dev`, as the constructs make it. Throws where nothing was built. */
export function shippedTemplate(): Source {
  const template = join(distFolder(), 'template', 'ShareVault-dev.template.json');
  if (existsSync(template)) return { template, bundles: shippedBundles() };
  throw new Error(
    'expected --template FILE, or the template that `npx tsx tools/build/main.ts template` makes, got none',
  );
}

/** As one file, this package's command is in the folder itself. */
function distFolder(): string {
  return __filename.endsWith('.ts') ? DIST : PACKED;
}
