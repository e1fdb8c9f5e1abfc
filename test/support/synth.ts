import { Stack, type StackProps } from 'aws-cdk-lib';
import { cdkApp } from '../../tools/synth';

export { HANDLERS } from '../../lib/private/bundle';
export { type Environment, VALIDATED_ELSEWHERE, cdkApp, environmentStack, fixtureBundles } from '../../tools/synth';

/** A stack to put constructs in; without an `env` unless one is given. */
export function testStack(props?: StackProps, app = cdkApp()): Stack {
  return new Stack(app, 'Test', props);
}
