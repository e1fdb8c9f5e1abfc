export { type AwsServer, type AwsServerOptions, type Intercept, startAwsServer } from './json-server';
export { LocalSecrets, type LocalSecretsOptions } from './secrets';
export { LocalParameters, type LocalParametersOptions } from './parameters';
export { AwsError } from './errors';
export type { Fault } from './faults';
export { accessKeyIdOf, readBody } from './request';
