import { join } from 'node:path';
import { type App, type Stack, Stage } from 'aws-cdk-lib';

/** Returns the path of a stack's synthesized template. */
export function templateFile(stack: Stack, app: App): string {
  const stage = Stage.of(stack);
  const assembly = app.synth();
  const { directory } = stage && stage !== app ? assembly.getNestedAssembly(stage.artifactId) : assembly;
  return join(directory, stack.templateFile);
}
