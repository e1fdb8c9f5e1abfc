import { randomBytes } from 'node:crypto';
import type { Place } from './function-name';
import { namesProblem } from './variables';

/** A role's credentials in a function's environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface EnvironmentOf {
  readonly name: string;
  readonly version: string;
  readonly bundleDir: string;
  /** `FILE.EXPORT` @default 'index.handler' */
  readonly handler?: string | undefined;
  /** the function's own variables */
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  readonly memoryMb: number;
}

/**
 * Returns the complete environment of a process: the function's variables, Lambda's variables and PATH. Nothing else of
 * this process's environment is passed on. Throws if the function sets a reserved variable.
 */
export function environmentOf(place: Place, of: EnvironmentOf): Record<string, string> {
  const problem = namesProblem(Object.keys(of.env));
  if (problem !== undefined) throw new TypeError(problem);
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    // as in Lambda, a folder that doesn't exist: SDKs would read the developer's profiles, PostgreSQL's clients their passwords
    HOME: '/nonexistent',
    ...of.env,
    _HANDLER: of.handler ?? 'index.handler',
    LAMBDA_TASK_ROOT: of.bundleDir,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_ACCESS_KEY_ID: of.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: of.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: of.credentials.sessionToken,
    AWS_LAMBDA_FUNCTION_NAME: of.name,
    AWS_LAMBDA_FUNCTION_VERSION: of.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(of.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${of.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[${of.version}]${randomBytes(16).toString('hex')}`,
  };
}
