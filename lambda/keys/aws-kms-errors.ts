import { VaultError } from '../contract/errors';

/** What a ciphertext that does not open is called: the share key's is bound to a context, an RSA key's is a transport. */
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

/** The vault's own error for whatever a call of KMS, or of another keeper of keys, threw. */
export function kmsFailure(
  error: unknown,
  signal: AbortSignal,
  refusal: RefusalCode,
  keeper: 'kms' | 'secrets manager' = 'kms',
): VaultError {
  if (error instanceof VaultError) return error;
  const failed = (code: VaultError['name'], message: string): VaultError =>
    new VaultError(code, message, { cause: error });
  const { name, status, code } = read(error);
  if (REFUSED.has(name)) return failed(refusal, 'expected what the key wrapped in this context, got something else');
  if (THROTTLED.has(name) || status === 429) return failed('KeyThrottled', `${keeper} asks to slow down: ${name}`);
  if (status >= 500) return failed('KeyUnreachable', `${keeper} failed with status ${status}: ${name}`);
  // all else that it responses is no fault of the moment: disabled, pending deletion or import, not found, not allowed
  if (status >= 400) return failed('KeyUnavailable', `the key can't be used: ${name}`);
  if (signal.aborted) return failed('KeyTimeout', `${keeper} did not respond in the time left`);
  if (CONNECTION.test(code)) return failed('KeyUnreachable', `no connection to ${keeper}: ${code}`);
  if (name === 'TimeoutError' || name === 'AbortError')
    return failed('KeyTimeout', `${keeper} did not respond in time`);
  if (name === 'CredentialsProviderError') return failed('KeyUnavailable', 'no credentials to sign with');
  return failed('KeyUnreachable', `the call of ${keeper} failed: ${name}`);
}

interface Failure {
  readonly name: string;
  /** HTTP status of the response, 0 where there was none */
  readonly status: number;
  /** of a system error, or empty */
  readonly code: string;
}

/** Only names and numbers: a message could quote what was sent or received. */
function read(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return { name: 'unknown', status: 0, code: '' };
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  return { name, status: typeof status === 'number' ? status : 0, code };
}
