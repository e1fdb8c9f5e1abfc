import { join } from 'node:path';
import { type App, type Stack, Stage } from 'aws-cdk-lib';

/** Where a synth left the template of a stack. */
export function templateFile(stack: Stack, app: App): string {
  const stage = Stage.of(stack);
  const assembly = app.synth();
  const { directory } = stage && stage !== app ? assembly.getNestedAssembly(stage.artifactId) : assembly;
  return join(directory, stack.templateFile);
}
