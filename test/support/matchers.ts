import { expect } from '@jest/globals';

/** `toThrowWithCode('NotFound')`: rejects or throws an error whose `name` is this code. */
expect.extend({
  toThrowWithCode(received: unknown, code: string) {
    const caught = this.promise === 'rejects' ? received : thrownBy(received);
    const name = caught instanceof Error ? caught.name : undefined;
    return {
      pass: name === code,
      message: () => `expected an error with code ${code}, got ${name ?? 'none'}: ${String(caught)}`,
    };
  },
});

function thrownBy(action: unknown): unknown {
  if (typeof action !== 'function') throw new TypeError('toThrowWithCode takes a function, or a promise with .rejects');
  try {
    action();
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
