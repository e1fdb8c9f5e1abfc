import { CommandFailure } from './command';
import { adviceFor, exitFor, factsOf, nameOf } from './error-facts';
import { printable } from './printable';

/**
 * Makes a call of the SDK. Throws `CommandFailure` that names the purpose, such as `to read parameter P
 * (ssm:GetParameter)`, the error's name, and advice; never a message of AWS, since it may quote the request.
 */
export async function callAws<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const got = printable(nameOf(error));
    const { name } = factsOf(error);
    throw new CommandFailure(`expected ${what}, got ${got}${adviceFor(name, got)}`, {
      exit: exitFor(name, got),
      cause: error,
    });
  }
}

/** Returns whether an error of AWS reports a missing resource. */
export function isNotFound(error: unknown): boolean {
  const { name } = factsOf(error instanceof CommandFailure ? error.cause : error);
  return name === 'ParameterNotFound' || name === 'ResourceNotFoundException' || name === 'NotFoundException';
}
