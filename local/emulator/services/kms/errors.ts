import { AwsError } from '../errors';

/** KMS's errors, named as in its API reference; all with status 400. */
export const kmsErrors = {
  notFound: (resource: string) => new AwsError('NotFoundException', `${resource} does not exist`),
  disabled: (arn: string) => new AwsError('DisabledException', `${arn} is disabled.`),
  invalidState: (arn: string, state: string) => new AwsError('KMSInvalidStateException', `${arn} is ${state}.`),
  /** has no message: KMS doesn't tell a wrong ciphertext from a wrong context */
  invalidCiphertext: () => new AwsError('InvalidCiphertextException', ''),
  incorrectKey: () =>
    new AwsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a KMS key that can perform this operation.',
    ),
  invalidKeyUsage: (message: string) => new AwsError('InvalidKeyUsageException', message),
  unsupported: (message: string) => new AwsError('UnsupportedOperationException', message),
  validation: (message: string) => new AwsError('ValidationException', message),
  limitExceeded: (message: string) => new AwsError('LimitExceededException', message),
  invalidImportToken: () => new AwsError('InvalidImportTokenException', 'the import token is not one of this key'),
  expiredImportToken: () => new AwsError('ExpiredImportTokenException', 'the import token has expired'),
  incorrectKeyMaterial: (message: string) => new AwsError('IncorrectKeyMaterialException', message),
} as const;
