export { LocalKms, type KmsCall, type LocalKmsOptions } from './kms';
export type { Rotated } from './rotated';
