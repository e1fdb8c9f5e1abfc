import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readEnvironments } from '../../../bin/environments';
import { VaultStack } from '../../../bin/vault-stack';
import cdkJson from '../../../cdk.json';

let file: string | undefined;

/** The template of `dev` with the handlers that ship beside it, as `npm run synth` leaves it; once for each test file. */
export function devTemplate(): string {
  file ??= synthesize();
  return file;
}

function synthesize(): string {
  const outdir = join(mkdtempSync(join(tmpdir(), 'cli-')), 'cdk.out');
  const app = new App({ context: cdkJson.context, outdir });
  const dev = readEnvironments(cdkJson.context.environments).filter(({ name }) => name === 'dev');
  for (const environment of dev) new VaultStack(app, environment);
  return join(outdir, app.synth().getStackByName('ShareVault-dev').templateFile);
}
