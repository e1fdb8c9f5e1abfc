import { type CfnElement, Stack } from 'aws-cdk-lib';
import { LOG_ARCHIVE_PREFIX } from '../../lambda/contract/log-archive-prefix';
import { RECEIPTS_PREFIX } from '../../lambda/contract/receipt-prefix';
import { DELEGATED_TOMBSTONES_PREFIX, TOMBSTONES_PREFIX } from '../../lambda/contract/tombstone-prefix';
import type { TombstoneBucket } from '../tombstone-bucket';
import type { Acknowledgement } from './acknowledgement';

/** Returns the reviewed findings of a bucket of tombstones: the packs name the bucket. */
export function tombstoneAcknowledgements({ bucket, _archivesLog }: TombstoneBucket): readonly Acknowledgement[] {
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
  const at = /^Tombstones\/Bucket\/Resource$/;
  const packs = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'];
  return [
    {
      ids: [`AwsSolutions-IAM5[Resource::<${id}.Arn>/${TOMBSTONES_PREFIX}*]`],
      at: /^(Migration\/Function|Functions\/revoke)\/Role\/Permissions\/Resource$/,
      reason:
        'Each object has a name of its own, known only once the tombstone exists. The prefix is that of tombstones, and the policy of the bucket refuses to replace or delete any.',
    },
    {
      ids: [`AwsSolutions-IAM5[Resource::<${id}.Arn>/${DELEGATED_TOMBSTONES_PREFIX}*]`],
      at: /^(Webhook\/Function|Functions\/revoke)\/Role\/Permissions\/Resource$/,
      reason:
        "Each object has a name of its own, known only once the tombstone exists. The prefix is that of delegated shares' tombstones, and the policy of the bucket refuses to replace or delete any.",
    },
    {
      ids: [`AwsSolutions-IAM5[Resource::<${id}.Arn>/${RECEIPTS_PREFIX}*]`],
      at: /^(Migration|Reseal)\/Function\/Role\/Permissions\/Resource$/,
      reason:
        'Each object has a name of its own, known only once the receipt exists. The prefix is that of receipts, and the policy of the bucket refuses to replace or delete any.',
    },
    ...(_archivesLog ? [archives(id)] : []),
    {
      ids: ['AwsSolutions-S1', ...packs.map((pack) => `${pack}-S3BucketLoggingEnabled`)],
      at,
      reason:
        "Server access logs need one more bucket and arrive late and incomplete. The functions' own logs have each tombstone that is missing, and a trail of data events, which an account may have, has each call.",
    },
    {
      ids: packs.map((pack) => `${pack}-S3BucketReplicationEnabled`),
      at,
      reason:
        'Replication needs a role that reads every object and a bucket in another Region. Backups and tombstones are lost with the Region together.',
    },
    {
      ids: packs.filter((pack) => !pack.endsWith('R4')).map((pack) => `${pack}-S3DefaultEncryptionKMS`),
      at,
      reason:
        "Objects hold ids, times, counts and callers' reasons, no material. Under a key of the vault they would be lost with it: after a compromise, a restore needs them although keys are disabled. S3's own encryption is always on.",
    },
  ];
}

function archives(id: string): Acknowledgement {
  return {
    ids: [`AwsSolutions-IAM5[Resource::<${id}.Arn>/${LOG_ARCHIVE_PREFIX}*]`],
    at: /^Migration\/Function\/Role\/Permissions\/Resource$/,
    reason:
      'Each object has a name of its own, known only once its rows were read. The prefix is that of archives of the access log, and the policy of the bucket refuses to replace or delete any.',
  };
}
