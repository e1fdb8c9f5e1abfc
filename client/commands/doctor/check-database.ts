import { type DBCluster, DescribeDBClustersCommand } from '@aws-sdk/client-rds';
import { type Finding, ok, problem, unknown, verdict } from './finding';
import { printable } from '../printable';
import { hasValue, read } from './read';
import { type Probe, probePlain, probeTls12 } from './tls-probe';
import { type Vault, clusterOf } from './vault';

const DATABASE = 'vault';
const UNCLEAR = 'the database gave no clear response: try again when it is available';
const TLS_1_2: Readonly<Partial<Record<Probe, string>>> = {
  refused: 'refused',
  accepted: 'accepted, as tlsFloor TLS_1_2 allows; the vault itself uses 1.3',
};

/** Checks the cluster's settings, and from inside its network the connections that it must refuse. */
export async function checkDatabase(vault: Vault): Promise<readonly Finding[]> {
  return (await Promise.all([checkCluster(vault), checkConnections(vault)])).flat();
}

async function checkCluster(vault: Vault): Promise<readonly Finding[]> {
  const identifier = clusterOf(vault);
  if (identifier === undefined) return [unknown('database', "no Aurora host in the unseal function's configuration")];
  const call = () => vault.clients.rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }));
  const described = await read('rds:DescribeDBClusters', call);
  if (!hasValue(described)) return [unknown('database', described.reason)];
  const cluster = described.value.DBClusters?.[0];
  if (cluster === undefined) return [problem('database', 'does not exist', 'see "After a restore" in docs/deploy.md')];
  return settingsOf(vault, cluster, identifier);
}

function settingsOf(vault: Vault, cluster: DBCluster, identifier: string): readonly Finding[] {
  const modify = `aws rds modify-db-cluster --db-cluster-identifier ${identifier}`;
  const { DeletionProtection, IAMDatabaseAuthenticationEnabled, KmsKeyId, Status = 'unknown' } = cluster;
  const days = cluster.BackupRetentionPeriod ?? 0;
  const ownKey = KmsKeyId !== undefined && KmsKeyId === vault.storageKeyArn;
  const logs = cluster.EnabledCloudwatchLogsExports ?? [];
  return [
    verdict(
      'database: state',
      /^(available|backing-up|maintenance)$/.test(Status),
      printable(Status),
      'look at its events in RDS',
    ),
    verdict('database: deletion protection', DeletionProtection === true, DeletionProtection === true ? 'on' : 'off', `${modify} --deletion-protection`), // prettier-ignore
    verdict('database: logins by IAM', IAMDatabaseAuthenticationEnabled === true, IAMDatabaseAuthenticationEnabled === true ? 'on' : 'off', 'deploy again'), // prettier-ignore
    verdict('database: storage key', ownKey, ownKey ? "the vault's own" : 'another', 'a cluster keeps its key for life: restore a snapshot under the right one'), // prettier-ignore
    verdict('database: backups', days > 0, `kept ${days} days`, 'deploy again'),
    verdict('database: log export', logs.includes('postgresql'), printable(logs.join(', ') || 'none'), 'deploy again'),
  ];
}

async function checkConnections({ databaseHost, databasePort }: Vault): Promise<readonly Finding[]> {
  const plainCheck = 'refused: a database login without TLS';
  const tlsCheck = 'database: TLS 1.2';
  if (databaseHost === undefined || databasePort === undefined) {
    return [unknown(plainCheck, 'its address can not be read')];
  }
  const plain = await probePlain(databaseHost, databasePort, DATABASE);
  if (plain === 'unreachable') return [unknown(plainCheck, 'out of reach from here (normal outside of its network)')];
  const tls12 = await probeTls12(databaseHost, databasePort);
  return [
    plain === 'unclear'
      ? unknown(plainCheck, UNCLEAR)
      : verdict(
          plainCheck,
          plain === 'refused',
          plain,
          'set rds.force_ssl to 1 in its parameter group, or deploy again',
        ),
    TLS_1_2[tls12] === undefined ? unknown(tlsCheck, UNCLEAR) : ok(tlsCheck, TLS_1_2[tls12]),
  ];
}
