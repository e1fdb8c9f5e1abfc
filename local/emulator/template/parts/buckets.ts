import * as v from 'valibot';
import { flag, text, wholeNumber } from '../fields';
import { type PolicyDocument, policyDocument } from '../policy-document';
import type { Resources } from '../resources';

export const BUCKET = 'AWS::S3::Bucket';
export const BUCKET_POLICY = 'AWS::S3::BucketPolicy';

/** A bucket of S3. */
export interface BucketPart {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly versioned: boolean;
  readonly objectLock: boolean;
  /** the retention of new versions; undefined without one */
  readonly retention: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number } | undefined;
  readonly policy: PolicyDocument | undefined;
}

const FIELDS = {
  VersioningConfiguration: v.optional(v.object({ Status: text })),
  ObjectLockEnabled: v.optional(flag, false),
  ObjectLockConfiguration: v.optional(
    v.object({
      Rule: v.optional(
        v.object({
          DefaultRetention: v.object({
            Mode: v.picklist(['GOVERNANCE', 'COMPLIANCE']),
            Days: v.optional(wholeNumber),
            Years: v.optional(wholeNumber, 0),
          }),
        }),
      ),
    }),
  ),
};

export function readBuckets(resources: Resources): readonly BucketPart[] {
  const policies = resources.of(BUCKET_POLICY, { Bucket: text, PolicyDocument: policyDocument });
  return resources.of(BUCKET, FIELDS).map(({ logicalId, properties }) => {
    const name = resources.resolver.name(logicalId);
    const retention = properties.ObjectLockConfiguration?.Rule?.DefaultRetention;
    return {
      ...{ logicalId, name, arn: resources.resolver.name(logicalId, 'Arn') },
      // a bucket with Object Lock always has versions
      versioned: properties.ObjectLockEnabled || properties.VersioningConfiguration?.Status === 'Enabled',
      objectLock: properties.ObjectLockEnabled,
      retention: retention && { mode: retention.Mode, days: retention.Days ?? retention.Years * 365 },
      policy: policies.find(({ properties: { Bucket } }) => Bucket === name)?.properties.PolicyDocument,
    };
  });
}
