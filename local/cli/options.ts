import { resolve } from 'node:path';
import { UsageError } from '../../client/commands/command';

/** Resolves a path against the user's working directory, because npm runs scripts in the package's folder. */
export function resolvePath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

/** Returns the port in an option's text. Throws if it is not a port. */
export function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`expected a port from 1 to 65535 after ${option}, got something else`);
}

/** Returns the result of an action. Throws its errors as `UsageError`. */
export function withUsageErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    return throwUsageError(error);
  }
}

export function throwUsageError(error: unknown): never {
  throw new UsageError(error instanceof Error ? error.message : String(error));
}
