import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AwsError } from '../errors';
import { readInput } from '../shape';

/** The server of an instance. */
export interface InstanceServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A cluster that was restored from a backup, without an instance. */
export interface RestoredCluster {
  readonly identifier: string;
  readonly arn: string;
  /** `cluster-…`, another one than that of the source */
  readonly resourceId: string;
  iamAuthentication: boolean;
  instance: Instance | undefined;
}

interface Instance {
  readonly identifier: string;
  status: 'creating' | 'available' | 'failed' | 'deleting';
  server: InstanceServer | undefined;
}

export interface ClustersOptions {
  /** the port of the source, which a cluster has before its instance */
  readonly port: number;
  /** Starts a server on a cluster's data. */
  readonly start: (cluster: RestoredCluster) => Promise<InstanceServer>;
  /** Removes a cluster's data. */
  readonly remove: (cluster: RestoredCluster) => Promise<void>;
}

const TEXT = v.pipe(v.string(), v.minLength(1));
const CLUSTER = v.strictObject({ DbClusterIdentifier: TEXT });
const INSTANCE = v.strictObject({ DbInstanceIdentifier: TEXT });
const MODIFY = v.strictObject({
  DbClusterIdentifier: TEXT,
  EnableIAMDatabaseAuthentication: v.boolean(),
  ApplyImmediately: v.literal(true),
});
const CREATE = v.strictObject({
  DbInstanceIdentifier: v.pipe(TEXT, v.maxLength(63)),
  DbClusterIdentifier: TEXT,
  DbInstanceClass: v.pipe(v.string(), v.startsWith('db.')),
  Engine: v.literal('aurora-postgresql'),
  PubliclyAccessible: v.literal(false),
});
const DELETE = v.strictObject({ DbInstanceIdentifier: TEXT, SkipFinalSnapshot: v.literal(true) });

/**
 * Emulates RDS for restored clusters, by Step Functions' names of its members: describes and changes them, and creates and
 * deletes one instance of each. The vault's own cluster is unknown here.
 */
export class RestoredClusters {
  readonly #options: ClustersOptions;
  readonly #clusters: RestoredCluster[] = [];
  readonly #underway = new Set<Promise<void>>();

  constructor(options: ClustersOptions) {
    this.#options = options;
  }

  get all(): readonly RestoredCluster[] {
    return this.#clusters;
  }

  add(identifier: string, arn: string): RestoredCluster {
    const resourceId = `cluster-${randomUUID().replaceAll('-', '').slice(0, 26).toUpperCase()}`;
    // a restore from a snapshot does not take this setting over
    const cluster = { identifier, arn, resourceId, iamAuthentication: false, instance: undefined };
    this.#clusters.push(cluster);
    return cluster;
  }

  call(operation: string, input: unknown): object {
    switch (operation) {
      case 'DescribeDBClusters':
        return { DbClusters: [this.#describe(this.#find(readInput(CLUSTER, input).DbClusterIdentifier))] };
      case 'ModifyDBCluster':
        return this.#modify(readInput(MODIFY, input));
      case 'CreateDBInstance':
        return this.#create(readInput(CREATE, input));
      case 'DescribeDBInstances':
        return {
          DbInstances: [describeInstance(this.#owner(readInput(INSTANCE, input).DbInstanceIdentifier).instance)],
        };
      case 'DeleteDBInstance':
        return this.#delete(readInput(DELETE, input));
      default:
        throw new AwsError('RdsException', `no operation ${operation}`);
    }
  }

  /** Deletes a cluster, as AWS Backup does after a test. Returns false if it still has an instance. */
  async remove(identifier: string): Promise<boolean> {
    const cluster = this.#find(identifier);
    if (cluster.instance !== undefined) return false;
    this.#clusters.splice(this.#clusters.indexOf(cluster), 1);
    await this.#options.remove(cluster);
    return true;
  }

  /** Waits for instances that start or end: a busy machine would let a state machine look too often. */
  async settle(): Promise<void> {
    await Promise.all(this.#underway);
  }

  /** Stops all servers. */
  async close(): Promise<void> {
    await this.settle();
    for (const { instance } of this.#clusters) await instance?.server?.stop();
  }

  #modify({ DbClusterIdentifier, EnableIAMDatabaseAuthentication }: v.InferOutput<typeof MODIFY>): object {
    const cluster = this.#find(DbClusterIdentifier);
    cluster.iamAuthentication = EnableIAMDatabaseAuthentication;
    return { DbCluster: this.#describe(cluster) };
  }

  #create({ DbInstanceIdentifier: identifier, DbClusterIdentifier }: v.InferOutput<typeof CREATE>): object {
    const cluster = this.#find(DbClusterIdentifier);
    if (cluster.instance !== undefined) {
      throw new AwsError('DbInstanceAlreadyExistsException', 'DB instance already exists');
    }
    const instance: Instance = { identifier, status: 'creating', server: undefined };
    cluster.instance = instance;
    this.#work(this.#start(cluster, instance));
    return { DbInstance: describeInstance(instance) };
  }

  #delete({ DbInstanceIdentifier }: v.InferOutput<typeof DELETE>): object {
    const cluster = this.#owner(DbInstanceIdentifier);
    const { instance } = cluster;
    if (instance === undefined || instance.status === 'deleting' || instance.status === 'creating') {
      throw new AwsError('InvalidDbInstanceStateException', `the instance is ${instance?.status}`);
    }
    instance.status = 'deleting';
    this.#work(this.#stop(cluster, instance));
    return { DbInstance: describeInstance(instance) };
  }

  async #start(cluster: RestoredCluster, instance: Instance): Promise<void> {
    try {
      instance.server = await this.#options.start(cluster);
      instance.status = 'available';
    } catch {
      instance.status = 'failed';
    }
  }

  async #stop(cluster: RestoredCluster, instance: Instance): Promise<void> {
    await instance.server?.stop();
    cluster.instance = undefined;
  }

  #work(work: Promise<void>): void {
    this.#underway.add(work);
    void work.finally(() => this.#underway.delete(work));
  }

  #describe({ identifier, arn, resourceId, iamAuthentication, instance }: RestoredCluster): object {
    return {
      ...{ DbClusterIdentifier: identifier, DbClusterArn: arn, DbClusterResourceId: resourceId, Status: 'available' },
      ...{ Engine: 'aurora-postgresql', IamDatabaseAuthenticationEnabled: iamAuthentication },
      ...{ Endpoint: 'localhost', Port: instance?.server?.port ?? this.#options.port },
    };
  }

  #find(named: string): RestoredCluster {
    const found = this.#clusters.find(({ identifier, arn }) => named === identifier || named === arn);
    if (found === undefined) throw new AwsError('DbClusterNotFoundException', `DBCluster ${named} not found.`);
    return found;
  }

  #owner(named: string): RestoredCluster {
    const found = this.#clusters.find(({ instance }) => instance?.identifier === named);
    if (found === undefined) throw new AwsError('DbInstanceNotFoundException', `DBInstance ${named} not found.`);
    return found;
  }
}

function describeInstance(instance: Instance | undefined): object {
  return { DbInstanceIdentifier: instance?.identifier, DbInstanceStatus: instance?.status };
}
