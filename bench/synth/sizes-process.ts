import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { CHOICES, createChoice } from './choices';
import { type TemplateSize, templateSize } from './template-size';

/** The size of a template with each option, by name. */
export type Sizes = Readonly<Record<string, TemplateSize>>;

function main(names: readonly string[]): void {
  const outdir = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  try {
    const sizes = names.map((name, index) => {
      const choice = CHOICES[name];
      if (choice === undefined) throw new Error(`expected a choice, got ${name}`);
      // an app each: a template's rules take longer than its synthesis, and only one vault may own an environment
      const app = new App({
        context: cdkJson.context,
        outdir: join(outdir, String(index)),
        builtinCloudFormationValidation: false,
      });
      createChoice(app, name, choice);
      const [stack] = app.synth().stacks;
      if (stack === undefined) throw new Error(`expected a stack with ${name}, got none`);
      return [name, templateSize(stack.templateFullPath)] as const;
    });
    process.send?.(Object.fromEntries(sizes) satisfies Sizes);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

main(process.argv.slice(2));
