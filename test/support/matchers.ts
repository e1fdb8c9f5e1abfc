import { expect } from '@jest/globals';

/** `toThrowWithCode('NotFound')`: rejects or throws an error with this `name`, or a client's error with this `code`. */
expect.extend({
  toThrowWithCode(received: unknown, code: string) {
    const caught = this.promise === 'rejects' ? received : thrownBy(received);
    const name = caught instanceof Error ? codeOf(caught) : undefined;
    return {
      pass: name === code,
      message: () => `expected an error with code ${code}, got ${name ?? 'none'}: ${String(caught)}`,
    };
  },
});

function codeOf(error: Error): string {
  return error.name === 'ShareVaultError' && 'code' in error ? String(error.code) : error.name;
}

function thrownBy(action: unknown): unknown {
  if (typeof action !== 'function') throw new TypeError('toThrowWithCode takes a function, or a promise with .rejects');
  try {
    (action as () => unknown)();
  } catch (error) {
    return error;
  }
  return undefined;
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>> {
    toThrowWithCode(code: string): R;
  }
}
