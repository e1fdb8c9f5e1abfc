import type { Operations } from './call';

/** Calls about restore jobs. AWS Backup has no ARNs of jobs: its actions apply to all of them. */
export const backupOperations: Operations = Object.fromEntries(
  ['DescribeRestoreJob', 'PutRestoreValidationResult'].map((operation) => [
    operation,
    () => [{ action: `backup:${operation}`, resource: '*', facts: {} }],
  ]),
);
