import { TemplateError } from './errors';

/** Returns the result of `read`; undefined if the template can't be resolved, as with an export of another stack. */
export function tryResolve<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}
