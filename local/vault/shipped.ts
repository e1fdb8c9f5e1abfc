import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The build's output: in a checkout beside the folder `local`, in the package beside the command. */
const DIST = join(__dirname, '..', '..', 'dist');
const PACKED = join(__dirname, '..', 'dist');

/** A template to deploy, and the folder of its functions' code if that is elsewhere. */
export interface Source {
  /** the path of `NAME.template.json` */
  readonly template: string;
  /** folder with one bundle folder per function @default - the assets beside the template */
  readonly bundles?: string | undefined;
}

/** Returns the folder of the packaged handlers. */
export function shippedBundles(): string {
  return join(distFolder(), 'lambda');
}

/** Returns the built template of the environment `dev`. Throws if it was not built. */
export function shippedTemplate(): Source {
  const template = join(distFolder(), 'template', 'ShareVault-dev.template.json');
  if (existsSync(template)) return { template, bundles: shippedBundles() };
  throw new Error(
    'expected --template FILE, or the template that `npx --no-install tsx tools/build/main.ts template` makes, got none',
  );
}

/** Returns `dist`: the bundled command lies in it, the sources lie beside it. */
function distFolder(): string {
  return __filename.endsWith('.ts') ? DIST : PACKED;
}
