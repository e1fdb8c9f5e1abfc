import { AwsError } from '../errors';

/** KMS's errors, named as in its API reference; all with status 400. */
export const kmsErrors = {
  notFound: (what: string) => new AwsError('NotFoundException', `${what} does not exist`),
  disabled: (arn: string) => new AwsError('DisabledException', `${arn} is disabled.`),
  invalidState: (arn: string, state: string) => new AwsError('KMSInvalidStateException', `${arn} is ${state}.`),
  /** has no message: KMS doesn't tell a wrong ciphertext from a wrong context */
  invalidCiphertext: () => new AwsError('InvalidCiphertextException', ''),
  incorrectKey: () =>
    new AwsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a KMS key that can perform this operation.',
    ),
  invalidKeyUsage: (why: string) => new AwsError('InvalidKeyUsageException', why),
  unsupported: (why: string) => new AwsError('UnsupportedOperationException', why),
  validation: (why: string) => new AwsError('ValidationException', why),
  limitExceeded: (why: string) => new AwsError('LimitExceededException', why),
  invalidImportToken: () => new AwsError('InvalidImportTokenException', 'the import token is not one of this key'),
  expiredImportToken: () => new AwsError('ExpiredImportTokenException', 'the import token has expired'),
  incorrectKeyMaterial: (why: string) => new AwsError('IncorrectKeyMaterialException', why),
} as const;
