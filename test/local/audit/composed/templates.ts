import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';

/** The templates of an app by stack, those of stages and nested stacks among them. */
export function templatesOf(app: App): Readonly<Record<string, unknown>> {
  return Object.fromEntries(templatesIn(app.synth()));
}

function templatesIn(assembly: CloudAssembly): readonly (readonly [string, unknown])[] {
  const stacks = assembly.stacks.map((stack) => [stack.stackName, stack.template as unknown] as const);
  const inner = assembly.nestedAssemblies.flatMap(({ nestedAssembly }) => templatesIn(nestedAssembly));
  return [...stacks, ...nestedIn(assembly.directory), ...inner];
}

/** Nested stacks' templates are files beside their parent's. */
function nestedIn(directory: string): readonly (readonly [string, unknown])[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.nested.template.json'));
  return files.map((file) => [file, JSON.parse(readFileSync(join(directory, file), 'utf8')) as unknown] as const);
}
