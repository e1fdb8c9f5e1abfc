import { adviceFor, factsOf, nameOf } from '../error-facts';

/** The response to a read, or the reason why there is none. */
export type Read<T> = { readonly value: T } | { readonly error: string; readonly reason: string };

/**
 * Makes a call that only reads. Never throws: a caller without a permission still gets all other checks.
 *
 * @param permission IAM action that the call needs, such as `kms:DescribeKey`
 */
export async function read<T>(permission: string, call: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error: factsOf(error).name, reason: reasonOf(error, permission) };
  }
}

export function hasValue<T>(result: Read<T>): result is { readonly value: T } {
  return 'value' in result;
}

/** Whether IAM, a key policy or a resource policy refused the call. */
export function isDenied(error: string): boolean {
  return /^(AccessDenied|AuthorizationError|UnauthorizedOperation|Forbidden)/.test(error);
}

/** Whether the call says that the thing does not exist. */
export function isMissing(error: string): boolean {
  return error.includes('NotFound') && error !== 'UnknownOperationException';
}

function reasonOf(error: unknown, permission: string): string {
  const { name } = factsOf(error);
  const got = nameOf(error);
  if (isDenied(got)) return `not permitted: ${permission}`;
  if (name === 'CredentialsProviderError') return `no credentials${adviceFor(name, got)}`;
  if (got === 'no region') return `no region${adviceFor(name, got)}`;
  // an endpoint that speaks another protocol, such as a local vault's, responds with neither
  if (/^(UnknownOperation|Unknown|SyntaxError|an error)/.test(got)) return `no response to ${permission} here`;
  const shown = /^[A-Za-z0-9_.]{1,64}$/.test(got) ? got : 'failed';
  return `${permission}: ${shown}${adviceFor(name, got)}`;
}
