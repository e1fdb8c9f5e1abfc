import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import type { JsonObject } from '../../local/audit/json';
import { fixtureBundles } from '../synth';
import type { Reviewed } from './makes';
import { MATRIX } from './matrix';

/** A reviewed vault's template, and the construct path of the vault in it. */
export interface Sample {
  readonly name: string;
  readonly env: Reviewed['env'];
  readonly vault: string;
  readonly environment: string;
  readonly template: JsonObject;
}

const STACKS = ['Reviewed', 'ReviewedAgain'];
const CONTEXT = {
  ...cdkJson.context,
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:disable-creation-stack-traces': true,
  '@aws-cdk/core:annotationsInValidationReport': false,
  '@aws-cdk/core:enableAdditionalMetadataCollection': false,
};

/** Synthesizes the vaults of the matrix. Code is a stand-in: a template has only its hash. */
export function synthesizeMatrix(): readonly Sample[] {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-allow-list-'));
  try {
    return Object.entries(MATRIX).map(([name, reviewed], i) =>
      // values made of a stack's name differ from vault to vault
      synthesize(name, reviewed, STACKS[i % 2] ?? '', join(folder, String(i))),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function synthesize(name: string, { env, make }: Reviewed, id: string, outdir: string): Sample {
  const app = new App({
    ...{ context: CONTEXT, outdir, treeMetadata: false, analyticsReporting: false },
    // tests validate the templates of all kinds that they make: here it would take longer than all else
    builtinCloudFormationValidation: false,
  });
  const stack = new Stack(app, id, env && { env });
  const vault = make(stack, fixtureBundles());
  const template = app.synth({ skipValidation: true }).getStackByName(stack.stackName).template as JsonObject;
  return { name, env, vault: vault.node.path, environment: vault.environment, template };
}
