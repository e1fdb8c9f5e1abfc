import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStacks } from '../../../../local/emulator/deploy/read';

/** A stack of a test's app. */
export interface TestStack {
  readonly template: object;
  /** `ACCOUNT/REGION` @default - any */
  readonly environment?: string;
  readonly metadata?: object;
  readonly dependencies?: readonly string[];
  /** @default - the artifact's name */
  readonly stackName?: string;
}

/** Writes a cloud assembly. Returns its folder. */
export function assemblyOf(stacks: Readonly<Record<string, TestStack>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-app-'));
  for (const [name, { template }] of Object.entries(stacks)) {
    writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template));
  }
  const artifacts = Object.entries(stacks).map(([name, stack]) => [name, artifactOf(name, stack)] as const);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: Object.fromEntries(artifacts) }));
  return folder;
}

function artifactOf(name: string, stack: TestStack): object {
  const { environment = 'unknown-account/unknown-region', metadata, dependencies, stackName } = stack;
  return {
    type: 'aws:cloudformation:stack',
    environment: `aws://${environment}`,
    properties: { templateFile: `${name}.template.json`, stackName },
    ...{ metadata, dependencies },
  };
}

type Options = Omit<Parameters<typeof readStacks>[0], 'app'>;

/** Links an app's stacks. */
export function linkApp(stacks: Readonly<Record<string, TestStack>>, options: Options = {}) {
  return readStacks({ app: assemblyOf(stacks), ...options }, new PhysicalNames());
}

/** Links the template of one stack of an app. */
export function linkOne(main: string, stacks: Readonly<Record<string, TestStack>>, options: Options = {}) {
  const template = join(assemblyOf(stacks), `${main}.template.json`);
  return readStacks({ template, ...options }, new PhysicalNames());
}

/** A resource that the emulator skips, with one property. */
export function holder(value: unknown, more: object = {}): object {
  return { Type: 'My::Own::Type', Properties: { Value: value }, ...more };
}

/** A parameter that the stack publishes. */
export function published(Name: unknown, Value: unknown): object {
  return { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name, Value } };
}
