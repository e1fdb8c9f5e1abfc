import { TestEnvironment } from 'jest-environment-node';
import { sharedRequire } from './shared-modules';

/** Node's, with `sharedRequire`: it loads a module once for all suites of a worker. */
export default class SuiteEnvironment extends TestEnvironment {
  constructor(...args: ConstructorParameters<typeof TestEnvironment>) {
    super(...args);
    Reflect.set(this.global, 'sharedRequire', sharedRequire);
  }
}
