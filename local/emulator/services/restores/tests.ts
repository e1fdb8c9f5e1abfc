import type { Client } from 'pg';
import type { RestoredCluster } from './clusters';
import type { RestoreJob } from './jobs';

/** What a test does with a restored database before anyone else logs in. */
export type Amend = (client: Client) => Promise<unknown>;

/** The restore tests of a deployment. */
export interface RestoreTests {
  /** the clusters that exist, with their instances */
  readonly clusters: readonly RestoredCluster[];
  /** Returns a job. Throws `AwsError` if it does not exist. */
  job(id: string): RestoreJob;
  /**
   * Restores the database as the plan of the template does. Returns the job's id.
   *
   * @param amend changes the restored database, as its superuser, before its instance is available
   */
  restore(amend?: Amend): Promise<string>;
}
