import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations, App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { readEnvironments } from '../../bin/environments';
import { shipTemplate } from './shipped-template';
import { VaultStack } from '../../bin/vault-stack';
import type { ShareVaultProps } from '../../lib/share-vault-props';

/**
 * Synthesizes the environment `dev` of cdk.json with its assets. Returns the template's path.
 *
 * @param props further ones of the vault @default - none
 */
export function synthesizeDev(outdir: string, props: Partial<Omit<ShareVaultProps, 'webhook'>> = {}): string {
  // a test holds the same stack against the CDK's rules: loading them here would take most of the time
  const app = new App({ context: cdkJson.context, outdir, builtinCloudFormationValidation: false });
  const dev = readEnvironments(cdkJson.context.environments).filter(({ name }) => name === 'dev');
  for (const environment of dev) {
    const stack = new VaultStack(app, { ...environment, ...props });
    Annotations.of(stack).acknowledgeWarning('cdk-share-vault:bodyStoreCost', 'nothing is deployed');
  }
  const [stack] = app.synth().stacks;
  if (stack === undefined) throw new Error('expected an environment dev in cdk.json, got none');
  return stack.templateFullPath;
}

/** Builds only the template of `dev`, for the local vault. The handlers must be in `dist/lambda`. */
export function buildDevTemplate(outdir?: string): void {
  const synthesized = mkdtempSync(join(tmpdir(), 'share-vault-synth-'));
  try {
    shipTemplate(synthesizeDev(synthesized), outdir);
  } finally {
    rmSync(synthesized, { recursive: true });
  }
}
