import * as v from 'valibot';
import type { InputFacts } from '../context';
import { AuthorizationError } from '../errors';
import type { AwsAction, Operations, ReadActions } from './call';
import { readMembers } from './call';

const INPUT = v.object({
  Bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)),
  Key: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
  VersionId: v.optional(v.string()),
  Prefix: v.optional(v.string()),
  IfNoneMatch: v.optional(v.string()),
  BypassGovernanceRetention: v.optional(v.boolean(), false),
  Retention: v.optional(v.object({ mode: v.string(), until: v.date() })),
});
type Input = v.InferOutput<typeof INPUT>;

/** The permissions of each operation. A version, a retention and a bypass need others of their own. */
export const s3Operations: Operations = {
  PutObject: onObject(({ Retention }) => ['PutObject', ...(Retention ? ['PutObjectRetention'] : [])]),
  GetObject: onObject(({ VersionId }) => [VersionId === undefined ? 'GetObject' : 'GetObjectVersion']),
  HeadObject: onObject(({ VersionId }) => [VersionId === undefined ? 'GetObject' : 'GetObjectVersion']),
  DeleteObject: onObject(({ VersionId, BypassGovernanceRetention }) => [
    VersionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion',
    ...(BypassGovernanceRetention ? ['BypassGovernanceRetention'] : []),
  ]),
  GetObjectRetention: onObject(() => ['GetObjectRetention']),
  ListObjectsV2: onBucket('ListBucket'),
  ListObjectVersions: onBucket('ListBucketVersions'),
};

function onBucket(name: string): ReadActions {
  return (value) => {
    const { Bucket, Prefix } = readMembers(INPUT, value);
    return [{ action: `s3:${name}`, resource: `arn:aws:s3:::${Bucket}`, facts: { s3Prefix: Prefix } }];
  };
}

function onObject(actionsOf: (input: Input) => readonly string[]): ReadActions {
  return (value) => {
    const input = readMembers(INPUT, value);
    const { Bucket, Key = '' } = input;
    // in an ARN, a wildcard would match several resources
    if (/[*?\s]/.test(Key))
      throw new AuthorizationError('RequestInvalid', 'expected a key without wildcards and spaces');
    const resource = `arn:aws:s3:::${Bucket}/${Key}`;
    return actionsOf(input).map((name): AwsAction => ({ action: `s3:${name}`, resource, facts: factsOf(name, input) }));
  };
}

/** Returns the facts that an action has condition keys for: a decision refuses others. */
function factsOf(name: string, { IfNoneMatch, Retention }: Input): InputFacts {
  const isPut = name === 'PutObject';
  if (!isPut && name !== 'PutObjectRetention') return {};
  return {
    s3IfNoneMatch: isPut ? IfNoneMatch : undefined,
    objectLockMode: Retention?.mode,
    objectLockUntil: Retention?.until.toISOString(),
  };
}
