import { CommandFailure } from './command';
import { adviceFor, factsOf, nameOf } from './error-facts';
import { printable } from './printable';

/**
 * Makes a call of the SDK. Throws `CommandFailure` that names what was to be done, such as `to read parameter P
 * (ssm:GetParameter)`, what came instead, and what may help; never a message of AWS, which may quote what was sent.
 */
export async function callAws<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const got = printable(nameOf(error));
    throw new CommandFailure(`expected ${what}, got ${got}${adviceFor(factsOf(error).name, got)}`, { cause: error });
  }
}

/** Whether an error of AWS says that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  const { name } = factsOf(error instanceof CommandFailure ? error.cause : error);
  return name === 'ParameterNotFound' || name === 'ResourceNotFoundException' || name === 'NotFoundException';
}
