export { LocalKms, type KmsCall, type LocalKmsOptions } from './kms';
