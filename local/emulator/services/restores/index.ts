export { type InstanceServer, type RestoredCluster, RestoredClusters } from './clusters';
export { type RestoreJob, RestoreJobs } from './jobs';
export type { Amend, RestoreTests } from './tests';
