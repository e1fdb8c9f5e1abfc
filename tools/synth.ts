import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';
import { readEnvironments } from '../bin/environments';
import { VaultStack } from '../bin/vault-stack';
import cdkJson from '../cdk.json';
import { ELSEWHERE_HANDLERS, HANDLERS } from '../lib/private/bundle';

/** The name of an environment of cdk.json. */
export type Environment = keyof typeof cdkJson.context.environments;

const directories = new Map<string, string>();

/**
 * Returns a directory with a placeholder for the code of each handler: a template holds only its hash. Another prefix
 * makes other code.
 */
export function fixtureBundles(prefix = ''): string {
  const known = directories.get(prefix);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), 'share-vault-bundles-'));
  for (const name of [...HANDLERS, ...ELSEWHERE_HANDLERS]) {
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, 'index.mjs'), `export const handler = () => '${prefix}${name}';\n`);
  }
  directories.set(prefix, directory);
  return directory;
}

/** No reader of these templates needs the source of a resource, and each stack trace is mapped back to TypeScript. */
const WITHOUT_TRACES = { 'aws:cdk:disable-creation-stack-traces': true };

/**
 * Props of apps with templates that are only read: another process would load the CDK's rules again, and that takes
 * longer than the synthesis. `test/local/audit/default-rules.test.ts` holds the same stacks to the rules.
 */
export const VALIDATED_ELSEWHERE = { builtinCloudFormationValidation: false } as const;

/** Creates an app as the command line does: with the feature flags and the context of cdk.json. */
export function cdkApp(outdir?: string, props: AppProps = {}): App {
  const context = { ...cdkJson.context, ...WITHOUT_TRACES };
  return new App({ context, ...(outdir !== undefined && { outdir }), ...props });
}

/** Creates the stack of an environment of cdk.json, as `cdk synth` does. */
export function environmentStack(environment: Environment, app = cdkApp()): VaultStack {
  const config = readEnvironments(cdkJson.context.environments).find(({ name }) => name === environment);
  if (!config) throw new Error(`expected an environment of cdk.json, got ${environment}`);
  return new VaultStack(app, config, fixtureBundles());
}
