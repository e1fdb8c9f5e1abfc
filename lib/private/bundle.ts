import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { FunctionOptions } from '../function-options';

/** The handlers of a vault. Each is a folder of built code, or an archive of it. */
export const HANDLERS = [
  'seal',
  'unseal',
  'revoke',
  'properties',
  'audit',
  'freeze',
  'thaw',
  'receive',
  'migrate',
  'reseal',
  'restore-check',
] as const;

/** Folder of the built handlers, the same in this package's tree and in its tarball. */
const BUILT = path.join(packageRoot(__dirname), 'dist', 'lambda');

/**
 * Handlers that have a second folder or archive, with the code for keys and stores elsewhere. Its name is another one, so
 * that nobody gives the code for AWS only, which would ignore recovery keys.
 */
export const ELSEWHERE_HANDLERS = ['seal', 'unseal', 'revoke', 'receive', 'migrate', 'reseal'].map(
  (name) => `elsewhere/${name}`,
);

/**
 * Returns a handler's code: the given archive, or the built code. Throws if the options contradict each other.
 *
 * @param elsewhere whether the function has keys or stores elsewhere
 */
export function handlerCode(handler: string, options: FunctionOptions, elsewhere = false): lambda.Code {
  const name = elsewhere ? `elsewhere/${handler}` : handler;
  const { signedCode, codeSigningConfig, bundles } = options;
  if (!signedCode) {
    if (codeSigningConfig) {
      throw new Error(
        'codeSigningConfig: expected signedCode together with it, got none: built code is uploaded unsigned',
      );
    }
    return bundledCode(name, bundles);
  }
  if (bundles !== undefined) throw new Error('signedCode: expected no bundles together with it, got both');
  return archive(name, signedCode);
}

/** Returns a handler's prebuilt code: consumers never bundle. */
export function bundledCode(name: string, directory: string = BUILT): lambda.Code {
  const bundle = path.join(directory, name);
  const entry = path.join(bundle, 'index.mjs');
  if (!existsSync(entry)) {
    throw new Error(`expected the handler's bundle at ${entry}, got none: run "npm run build" first`);
  }
  return lambda.Code.fromAsset(bundle);
}

function archive(name: string, archives: Readonly<Record<string, lambda.Code>>): lambda.Code {
  const known: readonly string[] = [...HANDLERS, ...ELSEWHERE_HANDLERS];
  const unknown = Object.keys(archives).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`signedCode: expected handlers of ${known.join(', ')}, got "${unknown}"`);
  const code = archives[name];
  if (!code) throw new Error(`signedCode: expected code for ${name}, got none`);
  // the CDK itself creates the archives of assets and inline code, at each synth, without a signature
  if (!(code instanceof lambda.S3Code || code instanceof lambda.S3CodeV2 || code instanceof lambda.CfnParametersCode)) {
    throw new Error(`signedCode: expected an archive in S3 for ${name}, got ${code.constructor.name}`);
  }
  return code;
}

/** Returns the nearest folder with a package.json: compiled code is deeper in the tree than its source. */
function packageRoot(directory: string): string {
  const parent = path.dirname(directory);
  const found = parent === directory || existsSync(path.join(directory, 'package.json'));
  return found ? directory : packageRoot(parent);
}
