/** Limits of one attempt, in milliseconds: a service out of reach is reported, not waited for. */
export interface AttemptLimits {
  readonly connectionTimeout: number;
  /** until the headers have come, and for each silence after them */
  readonly requestTimeout: number;
}

export interface ClientLimits extends Partial<AttemptLimits> {
  /** @default - the SDK's own number */
  readonly maxAttempts?: number;
}

const LIMITS: AttemptLimits = { connectionTimeout: 3_000, requestTimeout: 15_000 };

export interface ClientConfig {
  readonly region?: string;
  readonly maxAttempts?: number;
  readonly requestHandler: AttemptLimits & { readonly socketTimeout: number; readonly throwOnRequestTimeout: true };
}

/**
 * Returns the configuration of every client of the SDK in the command line and in the first deploy. `region` is the one
 * given on the command line; without it the SDK finds one.
 */
export function clientConfig(region: string | undefined, limits: ClientLimits = {}): ClientConfig {
  const { connectionTimeout, requestTimeout, maxAttempts } = { ...LIMITS, ...limits };
  // requestTimeout ends with the headers, and without `throwOnRequestTimeout` the SDK writes a warning, and waits on
  const requestHandler = {
    connectionTimeout,
    requestTimeout,
    socketTimeout: requestTimeout,
    throwOnRequestTimeout: true,
  } as const;
  return {
    ...(region !== undefined && { region }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    requestHandler,
  };
}
