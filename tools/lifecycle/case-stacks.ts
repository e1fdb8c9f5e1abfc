import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { ShareVault } from '../../lib/share-vault';
import { fixtureBundles } from '../synth';
import { CASES } from './cases';
import { ACTORS, type Props } from './choices';

const CONTEXT = {
  ...cdkJson.context,
  'aws:cdk:disable-creation-stack-traces': true,
  '@aws-cdk/core:annotationsInValidationReport': false,
  '@aws-cdk/core:enableAdditionalMetadataCollection': false,
};

/** Writes the templates before and after each case, for each environment of cdk.json, into a folder. */
export function writeCases(folder: string): void {
  // one for all apps: each stages the same assets, and they are copied once
  const outdir = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  for (const environment of Object.keys(cdkJson.context.environments)) {
    mkdirSync(join(folder, environment), { recursive: true });
    const write = (name: string, props: Props): void => {
      const result = synthesize(environment, props, outdir);
      writeFileSync(join(folder, environment, `${name}.json`), JSON.stringify(result));
    };
    write('plain', () => ({}));
    CASES.forEach(({ from, to }, index) => {
      if (from) write(`${index}-from`, from);
      write(`${index}-to`, to);
    });
  }
  rmSync(outdir, { recursive: true });
}

/** Returns a template, or the message of the synth that refuses the props. */
function synthesize(environment: string, props: Props, outdir: string): object {
  try {
    return { template: templateOf(environment, props, outdir) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { refused: error.message };
  }
}

/** Returns the template of a stack with only a vault. Suites validate templates; here only the text matters. */
function templateOf(environment: string, props: Props, outdir: string): unknown {
  const app = new App({
    outdir,
    context: CONTEXT,
    builtinCloudFormationValidation: false,
    treeMetadata: false,
    analyticsReporting: false,
  });
  const stack = new Stack(app, `ShareVault-${environment}`);
  const { id = 'Vault', actors = ACTORS, ...chosen } = props(stack, environment);
  const vault = new ShareVault(stack, id, { environment, bundles: fixtureBundles(), webhook: {}, ...chosen });
  for (const [name, actor] of Object.entries(actors)) vault.addActor(name, actor);
  return app.synth().getStackByName(stack.stackName).template;
}

// as a program, for suites, it writes into the folder that its argument names
if (require.main === module) writeCases(process.argv[2] ?? '');
