export type { Bucket } from './bucket';
export { LocalS3 } from './s3';
