import { add } from '../../../support/mutate';
import type { Defect } from './defect';

const BUCKET = 'VaultTombstonesBucket';
const CHANGES = 'VaultWatchChangesBucketChanges';
const times = (count: number, resource = BUCKET): readonly string[] => Array.from({ length: count }, () => resource);

/** A defect of a bucket of tombstones, which this template lacks: test/local/audit/bucket-checks.test.ts has each other one. */
export const BUCKET_DEFECTS: readonly Defect[] = [
  {
    defect: 'a bucket of tombstones has neither a lock nor a policy, and is public',
    mutation: add(BUCKET, 'AWS::S3::Bucket', {}),
    caughtBy: {
      bucketKeepsObjects: times(4),
      bucketIsPrivate: times(2),
      bucketPolicyDenies: times(9),
      // that of this template runs daily
      sweepRunsDaily: ['VaultMigrationSweep'],
      // nothing of this template watches a bucket
      changeRulesHaveReviewedPatterns: [CHANGES],
      changesAreReported: times(12, CHANGES),
      everythingIsAlarmed: ['VaultWatchAlarmstombstonesPending', `${CHANGES}Failed`],
    },
  },
];
