import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { ShareVault } from '../../lib/share-vault';
import { fixtureBundles } from '../../test/support/synth';
import { CASES } from './cases';
import { ACTORS, type Props } from './choices';

/** One for all apps: each stages the same assets, and they are copied once. */
const OUTDIR = mkdtempSync(join(tmpdir(), 'lifecycle-'));

const CONTEXT = {
  ...cdkJson.context,
  'aws:cdk:disable-creation-stack-traces': true,
  '@aws-cdk/core:annotationsInValidationReport': false,
  '@aws-cdk/core:enableAdditionalMetadataCollection': false,
};

/** Returns the template of a vault alone in its stack; other suites validate templates, here only the text matters. */
function templateOf(environment: string, props: Props): unknown {
  const app = new App({
    outdir: OUTDIR,
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

/** A template, or the message with which the synth refuses the props. */
function write(file: string, environment: string, props: Props): void {
  try {
    writeFileSync(file, JSON.stringify({ template: templateOf(environment, props) }));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    writeFileSync(file, JSON.stringify({ refused: error.message }));
  }
}

/** Written where the process is told to: before and after of each case, for each environment of cdk.json. */
const [, , folder = ''] = process.argv;
for (const environment of Object.keys(cdkJson.context.environments)) {
  mkdirSync(join(folder, environment), { recursive: true });
  write(join(folder, environment, 'plain.json'), environment, () => ({}));
  CASES.forEach(({ from, to }, index) => {
    if (from) write(join(folder, environment, `${index}-from.json`), environment, from);
    write(join(folder, environment, `${index}-to.json`), environment, to);
  });
}
rmSync(OUTDIR, { recursive: true });
