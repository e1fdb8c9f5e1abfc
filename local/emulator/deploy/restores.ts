import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalPostgres, startPostgres } from '../postgres';
import { connectDatabase } from '../postgres/connection';
import { copyOnline } from '../postgres/online-copy';
import type { NewEvent } from '../services/events/event';
import { passableFolder } from '../services/files';
import {
  type Amend,
  type InstanceServer,
  type RestoreJob,
  type RestoreTests,
  type RestoredCluster,
  RestoreJobs,
  RestoredClusters,
} from '../services/restores';
import type { Json, ServiceCall } from '../services/states';
import { NAMES } from './database-names';
import { databaseLogins } from './database';
import type { Gate } from './gate';
import type { Identities } from './identities';
import type { Site } from './site';

export interface RestoresOptions {
  readonly site: Site;
  readonly postgres: LocalPostgres;
  readonly region: string;
  readonly identities: Identities;
  readonly gate: Gate;
}

/**
 * The restore tests of AWS Backup and the restored clusters of RDS: a restore copies the data of the running database, and an
 * instance is a server on the copy. Only the vault's own machines reach them.
 */
export class Restores implements RestoreTests {
  readonly #options: RestoresOptions;
  readonly #jobs: RestoreJobs;
  readonly #clusters: RestoredClusters;
  readonly #amends = new Map<string, Amend>();
  #send: (event: NewEvent) => void = () => undefined;

  constructor(options: RestoresOptions) {
    this.#options = options;
    this.#jobs = new RestoreJobs((job) => this.#delete(job));
    this.#clusters = new RestoredClusters({
      port: options.postgres.port,
      start: (cluster) => this.#start(cluster),
      remove: ({ identifier }) => rm(this.#folder(identifier), { recursive: true, force: true }),
    });
  }

  /** Receives the event of each restore job that completed. */
  onCompleted(send: (event: NewEvent) => void): void {
    this.#send = send;
  }

  get clusters(): readonly RestoredCluster[] {
    return this.#clusters.all;
  }

  job(id: string): RestoreJob {
    return this.#jobs.find(id);
  }

  async call({ service, operation, parameters }: ServiceCall): Promise<Json> {
    if (operation === 'DescribeDBInstances') await this.#clusters.settle();
    const response = service === 'rds' ? this.#clusters.call(operation, parameters) : await this.#jobs.call(operation, parameters); // prettier-ignore
    return JSON.parse(JSON.stringify(response)) as Json;
  }

  async restore(amend?: Amend): Promise<string> {
    const { site, postgres } = this.#options;
    const [planArn] = site.template.restorePlans();
    if (planArn === undefined) throw new TypeError('expected a restore testing plan in the template, got none');
    const startedAt = new Date();
    const id = randomUUID();
    const identifier = `awsbackup-restore-test-${id}`;
    const { region, account } = site.place;
    const clusterArn = `arn:aws:rds:${region}:${account}:cluster:${identifier}`;
    await this.#copy(identifier, postgres);
    this.#clusters.add(identifier, clusterArn);
    if (amend) this.#amends.set(identifier, amend);
    const job = { id, planArn, clusterArn, startedAt, completedAt: new Date(), recoveryPointAt: startedAt };
    this.#jobs.add({ ...job, validation: undefined, deletion: undefined });
    this.#send({
      ...{ type: 'Restore Job State Change', source: 'aws.backup', resources: [clusterArn] },
      detail: {
        ...{ restoreJobId: id, status: 'COMPLETED', resourceType: 'Aurora', percentDone: 100 },
        ...{ createdResourceArn: clusterArn, restoreTestingPlanArn: planArn },
      },
    });
    return id;
  }

  async close(): Promise<void> {
    await this.#clusters.close();
  }

  async #copy(identifier: string, server: LocalPostgres): Promise<void> {
    const target = this.#folder(identifier);
    passableFolder(target);
    await asSuperuser(server, (client) => copyOnline(client, join(this.#options.site.dir, 'postgres'), target));
  }

  /** Starts the instance. Its logins are decided by the same policies, for the restored cluster. */
  async #start(cluster: RestoredCluster): Promise<InstanceServer> {
    const { site, region, identities, gate } = this.#options;
    const names = site.options.databaseNames ?? NAMES;
    const server = await startPostgres({ dataDir: this.#folder(cluster.identifier), names, iam: {} });
    const amend = this.#amends.get(cluster.identifier);
    try {
      if (amend) await asSuperuser(server, amend);
    } catch (error) {
      await server.stop();
      throw error;
    }
    const { port } = server;
    server.attachLogins(databaseLogins({ cluster: () => cluster, region, identities, gate, ports: [port] }));
    return server;
  }

  async #delete(job: RestoreJob): Promise<void> {
    const identifier = job.clusterArn.split(':').pop() ?? '';
    job.deletion = (await this.#clusters.remove(identifier)) ? 'SUCCESSFUL' : 'FAILED';
  }

  #folder(identifier: string): string {
    return join(this.#options.site.dir, 'restored', identifier);
  }
}

/** Does something as the superuser of a server, past its login proxy. */
async function asSuperuser({ serverPort, superuser, ...place }: LocalPostgres, amend: Amend): Promise<void> {
  const client = await connectDatabase({ ...place, port: serverPort }, superuser.user, superuser.password);
  try {
    await amend(client);
  } finally {
    await client.end();
  }
}
