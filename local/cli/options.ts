import { resolve } from 'node:path';

/** A call in another form than documented. Its message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** npm runs scripts in the package's folder: what the user typed is meant from where it was typed. */
export function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

/** Throws where the text is no port. */
export function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`expected a port from 1 to 65535 after ${option}, got something else`);
}

/** Takes Node's own complaint about arguments for what it is. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
