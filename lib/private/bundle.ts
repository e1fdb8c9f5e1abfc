import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/** Where this package's build puts the handlers, in its tree and in its tarball alike. */
const BUILT = path.join(packageRoot(__dirname), 'dist', 'lambda');

/** A handler's prebuilt code: consumers never bundle. */
export function bundledCode(name: string, directory: string = BUILT): lambda.Code {
  const bundle = path.join(directory, name);
  const entry = path.join(bundle, 'index.mjs');
  if (!existsSync(entry)) {
    throw new Error(`expected the handler's bundle at ${entry}, got none: run "npm run build" first`);
  }
  return lambda.Code.fromAsset(bundle);
}

/** The nearest folder with a package.json: what is compiled lies deeper than its source. */
function packageRoot(directory: string): string {
  const parent = path.dirname(directory);
  const found = parent === directory || existsSync(path.join(directory, 'package.json'));
  return found ? directory : packageRoot(parent);
}
