import { VaultError } from '../contract/errors';

/** The code for a ciphertext that does not open: the share key's is bound to a context, an RSA key's is a transport. */
export type RefusalCode = 'ContextMismatch' | 'TransportRejected';

const THROTTLED = new Set([
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);
const REFUSED = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);
/** Codes of connections that failed: the SDK names some of them TimeoutError, which they are not. */
const CONNECTION = /^(E(CONN|PIPE|HOST|NET|AI_|ADDR|PROTO)|ENOTFOUND|UND_|ERR_SSL|ERR_TLS|CERT_|DEPTH_|SELF_|UNABLE_)/;

/** Returns the vault's error for an error of a call to KMS, or to another service that holds keys. */
export function kmsFailure(
  error: unknown,
  signal: AbortSignal,
  refusal: RefusalCode,
  service: 'kms' | 'secrets manager' = 'kms',
): VaultError {
  if (error instanceof VaultError) return error;
  const failed = (code: VaultError['name'], message: string): VaultError =>
    new VaultError(code, message, { cause: error });
  const { name, status, code } = read(error);
  if (REFUSED.has(name)) return failed(refusal, 'expected a ciphertext of this key and context, got another');
  if (THROTTLED.has(name) || status === 429) return failed('KeyThrottled', `${service} asks to slow down: ${name}`);
  if (status >= 500) return failed('KeyUnreachable', `${service} failed, status ${status}: ${name}`);
  // every other refusal is permanent: disabled, pending deletion or import, not found, not allowed
  if (status >= 400) return failed('KeyUnavailable', `the key can't be used: ${name}`);
  if (signal.aborted) return failed('KeyTimeout', `${service} did not respond in the time left`);
  if (CONNECTION.test(code)) return failed('KeyUnreachable', `no connection to ${service}: ${code}`);
  if (name === 'TimeoutError' || name === 'AbortError')
    return failed('KeyTimeout', `${service} did not respond in time`);
  if (name === 'CredentialsProviderError') return failed('KeyUnavailable', 'no credentials');
  return failed('KeyUnreachable', `the call of ${service} failed: ${name}`);
}

interface Failure {
  readonly name: string;
  /** HTTP status of the response, 0 if none came */
  readonly status: number;
  /** of a system error, or empty */
  readonly code: string;
}

/** Reads only names and numbers: a message could quote the request or the response. */
function read(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return { name: 'unknown', status: 0, code: '' };
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  return { name, status: typeof status === 'number' ? status : 0, code };
}
