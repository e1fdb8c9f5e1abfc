import { TemplateError } from './errors';

/** What a function reads; undefined if the template alone doesn't say it, such as the export of another stack. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}
