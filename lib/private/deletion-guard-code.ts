/**
 * The code of the deletion guard's function. The template contains it in plain text: Lambda's own AWS SDK, nothing
 * bundled. Its physical id never changes, or CloudFormation would treat an update as a replacement and delete the
 * former guard. The request contains a presigned URL, so no part of it is logged.
 */
export const DELETION_GUARD_CODE = `const { RDSClient, DescribeDBClustersCommand, ModifyDBClusterCommand } = require('@aws-sdk/client-rds');
const TRIES = 12;
const PAUSE_MS = 10000;
const rds = new RDSClient({});

exports.handler = async (event) => {
  let outcome = { Status: 'SUCCESS' };
  try {
    if (event.RequestType === 'Delete') await lift(event.ResourceProperties?.ClusterIdentifier);
  } catch (error) {
    outcome = { Status: 'FAILED', Reason: error.name + ': ' + error.message };
  }
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = 'deletion-guard' } = event;
  const result = { ...outcome, StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  // bytes and not a text, which would get a content type that the URL was not signed for
  const response = await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(JSON.stringify(result)) });
  if (!response.ok) throw new Error('expected CloudFormation to accept the result, got ' + response.status);
};

// A rolled back creation deletes the instances first. A cluster that keeps one was there before.
async function lift(DBClusterIdentifier) {
  // without a name RDS lists every cluster
  if (!DBClusterIdentifier) throw new Error('expected ClusterIdentifier, got none');
  for (let tries = 1; ; tries++) {
    try {
      const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier }));
      const [{ Status, DBClusterMembers = [] } = {}] = DBClusters;
      if (Status === 'deleting') return;
      if (DBClusterMembers.length === 0) {
        const lifted = { DeletionProtection: false, ApplyImmediately: true };
        await rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier, ...lifted }));
        return;
      }
      if (tries === TRIES) return;
    } catch (error) {
      if (error.name === 'DBClusterNotFoundFault') return;
      // most pass: a new permission, throttling, a cluster that is being modified
      if (tries === TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
`;
