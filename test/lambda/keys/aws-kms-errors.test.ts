import { describe, expect, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { kmsFailure } from '../../../lambda/keys/aws-kms-errors';

const RUNNING = new AbortController().signal;
const SECRET = 'AQIDBAUGBwg=';

const answered = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(SECRET), { name, $metadata: { httpStatusCode } });
const failed = (name: string, code?: string) => Object.assign(new Error(SECRET), { name, code });

describe('a failed KMS call', () => {
  test.each([
    ['DisabledException', 400, 'KeyUnavailable'],
    ['KMSInvalidStateException', 400, 'KeyUnavailable'],
    ['NotFoundException', 400, 'KeyUnavailable'],
    ['AccessDeniedException', 400, 'KeyUnavailable'],
    ['InvalidKeyUsageException', 400, 'KeyUnavailable'],
    ['UnrecognizedClientException', 400, 'KeyUnavailable'],
    ['ExpiredTokenException', 400, 'KeyUnavailable'],
    ['ThrottlingException', 400, 'KeyThrottled'],
    ['LimitExceededException', 400, 'KeyThrottled'],
    ['Unknown', 429, 'KeyThrottled'],
    ['KMSInternalException', 500, 'KeyUnreachable'],
    ['DependencyTimeoutException', 500, 'KeyUnreachable'],
    ['KeyUnavailableException', 500, 'KeyUnreachable'],
    ['Unknown', 503, 'KeyUnreachable'],
    ['InvalidCiphertextException', 400, 'ContextMismatch'],
    ['IncorrectKeyException', 400, 'ContextMismatch'],
  ])('that ends in %s with status %i is reported as %s', (name, status, code) => {
    expect(kmsFailure(answered(name, status), RUNNING, 'ContextMismatch').name).toBe(code);
  });

  test.each([
    ['TimeoutError', 'ECONNRESET', 'KeyUnreachable'],
    ['TimeoutError', 'ECONNREFUSED', 'KeyUnreachable'],
    ['TimeoutError', 'EPIPE', 'KeyUnreachable'],
    ['Error', 'ENOTFOUND', 'KeyUnreachable'],
    ['Error', 'EAI_AGAIN', 'KeyUnreachable'],
    ['Error', 'CERT_HAS_EXPIRED', 'KeyUnreachable'],
    ['Error', undefined, 'KeyUnreachable'],
    ['TimeoutError', 'ETIMEDOUT', 'KeyTimeout'],
    ['TimeoutError', undefined, 'KeyTimeout'],
    ['AbortError', undefined, 'KeyTimeout'],
    ['CredentialsProviderError', undefined, 'KeyUnavailable'],
  ])('that ends in %s with system code %s is reported as %s', (name, systemCode, code) => {
    expect(kmsFailure(failed(name, systemCode), RUNNING, 'ContextMismatch').name).toBe(code);
  });

  test('that fails after its time was up is reported as a timeout', () => {
    expect(kmsFailure(failed('Error', 'ECONNRESET'), AbortSignal.abort(), 'ContextMismatch').name).toBe('KeyTimeout');
  });

  test('that got a response is reported by it, even if its time was up by then', () => {
    const failure = kmsFailure(answered('DisabledException', 400), AbortSignal.abort(), 'ContextMismatch');

    expect(failure.name).toBe('KeyUnavailable');
  });

  test("an RSA key's refusals are the transport's", () => {
    const failure = kmsFailure(answered('InvalidCiphertextException', 400), RUNNING, 'TransportRejected');

    expect(failure.name).toBe('TransportRejected');
  });

  test("the vault's own errors pass as they are", () => {
    const own = new VaultError('Misconfigured', 'credentials: expected …');

    expect(kmsFailure(own, RUNNING, 'ContextMismatch')).toBe(own);
  });

  test.each([
    answered('DisabledException', 400),
    answered('InvalidCiphertextException', 400),
    failed('Error'),
    SECRET,
    null,
  ])('is reported without quoting it: %#', (error) => {
    const failure = kmsFailure(error, RUNNING, 'ContextMismatch');

    expect(failure.message).not.toContain(SECRET);
    expect(failure.cause).toBe(error);
  });
});
