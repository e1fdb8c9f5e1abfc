import { describe, expect, test } from '@jest/globals';
import { restoredCopyRule } from '../../lib/private/storage-rules';
import { matchesPattern } from '../support/event-match';

const COPY = 'awsbackup-restore-test-1a2b3c4d';
const ARN = `arn:aws:rds:eu-central-1:111111111111:cluster:${COPY}`;
const { detail: pattern } = restoredCopyRule(['machine', 'deleter']);
const issuedBy = (arn: string) => ({ sessionContext: { sessionIssuer: { arn } } });

describe('the rule for copies of restore tests', () => {
  test.each([
    ['ModifyDBCluster', { dBClusterIdentifier: COPY }, {}, true],
    ['ModifyDBCluster', { dBClusterIdentifier: COPY.toUpperCase() }, {}, true],
    ['DeleteDBCluster', { dBClusterIdentifier: ARN }, {}, true],
    ['CreateDBClusterSnapshot', { dBClusterIdentifier: COPY }, {}, true],
    ['CreateDBInstance', { dBClusterIdentifier: COPY, dBInstanceIdentifier: 'mine' }, {}, true],
    ['ModifyDBInstance', { dBInstanceIdentifier: `${COPY}-1` }, {}, true],
    ['RestoreDBClusterToPointInTime', { sourceDBClusterIdentifier: COPY }, {}, true],
    ['RemoveTagsFromResource', { resourceName: ARN }, {}, true],
    ['EnableHttpEndpoint', { resourceArn: ARN }, {}, true],
    ['ModifyDBCluster', { dBClusterIdentifier: COPY }, issuedBy('arn:aws:iam::111111111111:role/Admin'), true],
    ['CreateDBInstance', { dBClusterIdentifier: COPY }, issuedBy('machine'), false],
    ['DeleteDBCluster', { dBClusterIdentifier: COPY }, issuedBy('deleter'), false],
    ['ModifyDBCluster', { dBClusterIdentifier: COPY }, { invokedBy: 'backup.amazonaws.com' }, false],
    ['DescribeDBClusters', { dBClusterIdentifier: COPY }, {}, false],
    ['ModifyDBCluster', { dBClusterIdentifier: 'another' }, {}, false],
  ])('decides on %s of %j by %j: reported %s', (eventName, requestParameters, userIdentity, isReported) => {
    expect(matchesPattern(pattern, { eventName, requestParameters, userIdentity })).toBe(isReported);
  });
});
