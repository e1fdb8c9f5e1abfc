import * as v from 'valibot';
import { type Operations, type Place, type ReadActions, NAME, readMembers } from './call';

const CLUSTER = v.object({ DbClusterIdentifier: NAME });
const INSTANCE = v.object({ DbInstanceIdentifier: NAME });

/** Calls of a state machine, by Step Functions' names of their members. Identifiers can be ARNs. */
export const rdsOperations: Operations = {
  ...Object.fromEntries(['DescribeDBClusters', 'ModifyDBCluster'].map((each) => [each, on(each, clusterOf)])),
  ...Object.fromEntries(['DescribeDBInstances', 'DeleteDBInstance'].map((each) => [each, on(each, instanceOf)])),
  // RDS requires the permission on all that the instance uses
  CreateDBInstance: (input, place) =>
    [clusterOf(input, place), instanceOf(input, place)].map((resource) => ({
      ...{ action: 'rds:CreateDBInstance', resource, facts: {} },
    })),
};

function on(operation: string, resourceOf: (input: unknown, place: Place) => string): ReadActions {
  return (input, place) => [{ action: `rds:${operation}`, resource: resourceOf(input, place), facts: {} }];
}

function clusterOf(input: unknown, place: Place): string {
  return arnOf('cluster', readMembers(CLUSTER, input).DbClusterIdentifier, place);
}

function instanceOf(input: unknown, place: Place): string {
  return arnOf('db', readMembers(INSTANCE, input).DbInstanceIdentifier, place);
}

function arnOf(type: string, named: string, { region, account }: Place): string {
  return named.startsWith('arn:') ? named : `arn:aws:rds:${region}:${account}:${type}:${named}`;
}
