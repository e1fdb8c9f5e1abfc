import { createHash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { stackSuffix } from './names';

/** Identity of a database: a change of any member means another database. */
export interface DatabaseIdentity {
  readonly environment: string;
  readonly clusterIdentifier?: string | undefined;
  readonly restoreToken?: string | undefined;
}

/** Returns the cluster's name: the given one, or one that no earlier stack of the environment left behind. */
export function clusterName(scope: IConstruct, identity: DatabaseIdentity): string {
  return identity.clusterIdentifier ?? `share-vault-${identity.environment}-${stackSuffix(scope)}`;
}

/**
 * Returns 12 hexadecimal digits that change with the database behind the name. They are added to every text that reads
 * an attribute of the cluster: CloudFormation resolves a reference again only if the text around it changed.
 */
export function generationOf({ environment, clusterIdentifier, restoreToken }: DatabaseIdentity): string {
  const parts = [environment, clusterIdentifier ?? null, restoreToken ?? null];
  return createHash('sha256').update(JSON.stringify(parts), 'utf8').digest('hex').slice(0, 12);
}

/**
 * Returns the name and the description of the database's security group, which protect the database from replacement.
 * CloudFormation would have to replace the group when its description or its network changes, and refuses that for a
 * resource with a fixed name. The cluster depends on the group, so the update fails before an empty cluster replaces
 * the former one.
 */
export function securityGroupProps(
  scope: IConstruct,
  { environment, clusterIdentifier }: DatabaseIdentity,
): { readonly securityGroupName: string; readonly description: string } {
  return {
    securityGroupName: `share-vault-database-${scope.node.addr.slice(-8)}-${stackSuffix(scope)}`,
    description: ['share vault', `${environment}:`, 'database', ...(clusterIdentifier ? [clusterIdentifier] : [])].join(
      ' ',
    ),
  };
}
