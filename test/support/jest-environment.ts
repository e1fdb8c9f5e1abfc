import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';
import { sharedRequire } from './shared-modules';

/**
 * Node's, with `sharedRequire`: it loads a module once for all suites of a worker. Its globals are plain ones: Jest's own
 * context asks a proxy at each use of `Object`, `Math` or another global, and code is several times as slow.
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
}
