import { CommandFailure } from './command';
import { factsOf } from './error-facts';

/**
 * Makes a call of the SDK. Throws `CommandFailure` that names what was to be done, such as `to read parameter P
 * (ssm:GetParameter)`, what came instead, and what may help; never a message of AWS, which may quote what was sent.
 */
export async function callAws<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message, code } = factsOf(error);
    const got = code ?? (message === 'Region is missing' ? 'no region' : name);
    throw new CommandFailure(`expected ${what}, got ${got}${adviceFor(name, got)}`, { cause: error });
  }
}

/** Whether an error of AWS says that what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  const { name } = factsOf(error instanceof CommandFailure ? error.cause : error);
  return name === 'ParameterNotFound' || name === 'ResourceNotFoundException' || name === 'NotFoundException';
}

function adviceFor(name: string, got: string): string {
  if (got === 'no region') return ': say --region REGION, or set AWS_REGION';
  if (name === 'CredentialsProviderError') return ': set AWS_PROFILE, or sign in';
  if (/^(Expired|UnrecognizedClient|InvalidClientToken|InvalidSignature)/.test(name)) return ': sign in again';
  if (name.startsWith('AccessDenied')) return ': sign in as somebody who is allowed to';
  if (/^E[A-Z]+$/.test(got)) return ': is the network there, and is AWS_ENDPOINT_URL right, if it is set';
  return '';
}
