import { TestEnvironment } from 'jest-environment-node';
import { sharedValidation } from './shared-validation';

/** Node's; a suite gets hold of what is kept for all suites of its process. */
export default class SuiteEnvironment extends TestEnvironment {
  constructor(...args: ConstructorParameters<typeof TestEnvironment>) {
    super(...args);
    Reflect.set(this.global, 'sharedValidation', sharedValidation);
  }
}
