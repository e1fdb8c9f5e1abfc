import { AwsError } from '../errors';

/** S3's errors, named as in its API reference. */
export const s3Errors = {
  noBucket: () => new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404),
  otherOwner: () => new AwsError('AccessDenied', 'Access Denied', 403),
  noKey: () => new AwsError('NoSuchKey', 'The specified key does not exist.', 404),
  noVersion: () => new AwsError('NoSuchVersion', 'The specified version does not exist.', 404),
  noLock: () =>
    new AwsError('NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration', 404),
  isMarker: () => new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405),
  exists: () =>
    new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412),
  locked: () => new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403),
  badDigest: (name: string) =>
    new AwsError('BadDigest', `The ${name} you specified did not match the calculated checksum.`),
  invalid: (message: string) => new AwsError('InvalidRequest', message),
  argument: (message: string) => new AwsError('InvalidArgument', message),
  notImplemented: (message: string) => new AwsError('NotImplemented', message, 501),
} as const;
