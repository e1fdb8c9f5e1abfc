import { factsOf } from '../error-facts';

/** The answer to a read, or the reason why there is none. */
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
    const { name, code } = factsOf(error);
    return { error: name, reason: reasonOf(code ?? name, permission) };
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

function reasonOf(error: string, permission: string): string {
  if (isDenied(error)) return `not permitted: ${permission}`;
  if (error === 'CredentialsProviderError') return 'no credentials: set AWS_PROFILE, or sign in';
  // an endpoint that speaks another protocol, such as a local vault's, answers with neither
  if (/^(UnknownOperation|Unknown|SyntaxError|an error)/.test(error)) return `no answer to ${permission} here`;
  return `${permission}: ${/^[A-Za-z0-9_.]{1,64}$/.test(error) ? error : 'failed'}`;
}
