export { type AwsServer, type AwsServerOptions, attachServices, startAwsServer } from './aws-server';
export { type BoundPort, bindPort } from './port';
export type { AwsService } from './service';
export { LocalSecrets, type LocalSecretsOptions } from './secrets';
export { LocalParameters, type LocalParametersOptions } from './parameters';
export { AwsError } from './errors';
export type { Fault } from './faults';
export { accessKeyIdOf, readBody } from './request';
