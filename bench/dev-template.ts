import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readEnvironments } from '../bin/environments';
import { VaultStack } from '../bin/vault-stack';
import cdkJson from '../cdk.json';

/** The template of the environment `dev`, synthesized beside its assets into a folder that is removed afterwards. */
export interface DevTemplate extends Disposable {
  readonly file: string;
}

export function synthesizeDev(): DevTemplate {
  const outdir = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  const app = new App({ context: cdkJson.context, outdir });
  const dev = readEnvironments(cdkJson.context.environments).filter(({ name }) => name === 'dev');
  for (const environment of dev) new VaultStack(app, environment);
  const [stack] = app.synth().stacks;
  if (stack === undefined) throw new Error('expected a stack of the environment dev, got none');
  return { file: stack.templateFullPath, [Symbol.dispose]: () => rmSync(outdir, { recursive: true }) };
}
