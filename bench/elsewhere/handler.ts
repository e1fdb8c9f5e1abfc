import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import type { MeasuredFunction } from './vault-process';

const BUNDLES = join(__dirname, '..', '..', 'dist', 'lambda');

/** Folder of a bundle in `dist/lambda`. */
export type Bundle = Name | `elsewhere/${Name}`;
type Name = 'seal' | 'unseal' | 'receive';
/** Returns the path of a bundle's code. */
export const bundleFile = (bundle: Bundle): string => join(BUNDLES, bundle, 'index.mjs');

export type Call = (event: unknown) => Promise<unknown>;
/** Those to set, undefined for those to remove. */
export type Variables = Readonly<Record<string, string | undefined>>;

let copies = 0;

/**
 * Loads a copy of a bundle: its connections and tokens are its own. The variables are set
 * at the first call, when a handler reads them.
 */
export async function loadHandler(bundle: Bundle, { arn }: MeasuredFunction, variables: Variables = {}): Promise<Call> {
  copies += 1;
  const { href } = pathToFileURL(bundleFile(bundle));
  const { handler } = (await import(`${href}?copy=${copies}`)) as {
    readonly handler: (event: unknown, context: Context) => Promise<unknown>;
  };
  const context = { awsRequestId: 'bench', invokedFunctionArn: arn, getRemainingTimeInMillis: () => 20_000 } as Context;
  let isFirst = true;
  return (event) => {
    if (isFirst) setVariables(variables);
    isFirst = false;
    return handler(event, context);
  };
}

function setVariables(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
