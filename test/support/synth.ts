import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, type AppProps, Stack, type StackProps } from 'aws-cdk-lib';
import { readEnvironments } from '../../bin/environments';
import { VaultStack } from '../../bin/vault-stack';
import cdkJson from '../../cdk.json';
import type { Environment } from './environment-template';

export type { Environment };

/** Handlers' names, each a folder of built code. */
export const HANDLERS = ['seal', 'unseal', 'revoke', 'properties', 'audit', 'receive', 'migrate'] as const;

let directory: string | undefined;

/** A directory of bundles that hold nothing of use: a template knows of code but its hash. */
export function fixtureBundles(): string {
  if (directory === undefined) {
    directory = mkdtempSync(path.join(os.tmpdir(), 'share-vault-bundles-'));
    for (const name of HANDLERS) {
      mkdirSync(path.join(directory, name));
      writeFileSync(path.join(directory, name, 'index.mjs'), `export const handler = () => '${name}';\n`);
    }
  }
  return directory;
}

/** No test asks where in its source a resource was made, and each stack trace is mapped back to TypeScript. */
const WITHOUT_TRACES = { 'aws:cdk:disable-creation-stack-traces': true };

/**
 * For apps with templates that suites only read: a process of its own would load the CDK's rules again, and that takes
 * longer than the synthesis. `test/local/audit/default-rules.test.ts` holds the same stacks against the rules.
 */
export const VALIDATED_ELSEWHERE = { builtinCloudFormationValidation: false } as const;

/** An app as the command line would make it: with the feature flags and the context of cdk.json. */
export function cdkApp(outdir?: string, props: AppProps = {}): App {
  const context = { ...cdkJson.context, ...WITHOUT_TRACES };
  return new App({ context, ...(outdir !== undefined && { outdir }), ...props });
}

/** A stack to put constructs in; without an `env` unless one is given. */
export function testStack(props?: StackProps, app = cdkApp()): Stack {
  return new Stack(app, 'Test', props);
}

/** The stack of an environment of cdk.json, as `cdk synth` makes it. */
export function environmentStack(environment: Environment, app = cdkApp()): VaultStack {
  const config = readEnvironments(cdkJson.context.environments).find(({ name }) => name === environment);
  if (!config) throw new Error(`expected an environment of cdk.json, got ${environment}`);
  return new VaultStack(app, config, fixtureBundles());
}
