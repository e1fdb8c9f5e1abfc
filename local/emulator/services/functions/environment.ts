import { randomBytes } from 'node:crypto';
import type { Place } from './function-name';

/** A role's credentials in a function's environment. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Names that Lambda reserves: a function can't set them. */
const RESERVED =
  /^(_HANDLER|TZ|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_.*))$/;

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
  const reserved = Object.keys(of.env).filter((name) => RESERVED.test(name));
  if (reserved.length > 0) throw new TypeError(`expected no reserved environment variable, got ${reserved.join(', ')}`);
  return {
    PATH: process.env.PATH ?? '',
    ...of.env,
    TZ: ':UTC',
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
