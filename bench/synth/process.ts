import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { type TemplateSize, templateSize } from './template-size';

/** The cost of one synthesis of the three environments, in a process of its own. */
export interface Synthesis {
  /** processor time of the whole process from its start in milliseconds, loading included */
  readonly cpuMs: number;
  /** processor time of making the constructs, synthesizing and validating them, in milliseconds */
  readonly synthMs: number;
  readonly stacks: readonly (TemplateSize & { readonly name: string })[];
}

/** The app of `bin/app.ts`, or the same resources by the CDK's own constructs. */
export type Subject = 'vault' | 'bare';

async function main([subject]: readonly string[]): Promise<void> {
  const make = subject === 'bare' ? await bare() : await vault();
  const outdir = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  try {
    const loaded = cpuMs();
    const app = new App({ context: { ...cdkJson.context, ...lenient }, outdir });
    make(app);
    const { stacks } = app.synth();
    const done = cpuMs();
    const sizes = stacks.map(({ stackName: name, templateFullPath }) => ({ name, ...templateSize(templateFullPath) }));
    process.send?.({ cpuMs: done, synthMs: done - loaded, stacks: sizes } satisfies Synthesis);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The bare constructs fail the validator: it runs for both, and its findings end neither. */
const lenient = { '@aws-cdk/core:validateAgainstDefaultRules': false };

async function vault(): Promise<(app: App) => void> {
  const { readEnvironments } = await import('../../bin/environments');
  const { VaultStack } = await import('../../bin/vault-stack');
  return (app) => {
    for (const environment of readEnvironments(cdkJson.context.environments)) new VaultStack(app, environment);
  };
}

async function bare(): Promise<(app: App) => void> {
  const { BareStack } = await import('./bare-stack');
  return (app) => {
    for (const name of Object.keys(cdkJson.context.environments)) new BareStack(app, name, name === 'prod');
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
