import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';
import { sharedRequire } from './shared-modules';

/**
 * Node's environment, with `sharedRequire`, which loads a module once for all suites of a worker. Its globals are plain:
 * Jest's own context uses a proxy for globals such as `Object` and `Math`, so code runs several times slower.
 */
export default class SuiteEnvironment extends TestEnvironment {
  constructor(...args: ConstructorParameters<typeof TestEnvironment>) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...args);
    } finally {
      vm.createContext = createContext;
    }
    Reflect.set(this.global, 'sharedRequire', sharedRequire);
  }

  /** Jest has asked for traces of 100 calls just before. The CDK takes a trace for every acknowledged rule. */
  public override async setup(): Promise<void> {
    Error.stackTraceLimit = 10;
    await super.setup();
  }
}
