import type { Deployed } from '../emulator/deploy';
import type { Credentials } from '../emulator/services/functions/environment';

/** The settings of an SDK client for the local endpoint. */
export interface EndpointConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly useFipsEndpoint: false;
  readonly useDualstackEndpoint: false;
  readonly retryMode: 'standard';
  readonly maxAttempts: number;
  readonly defaultsMode: 'standard';
}

/**
 * Returns all settings that a client would otherwise take from the developer's shell or from `~/.aws`. For example, an
 * SDK with `AWS_USE_FIPS_ENDPOINT=true` refuses an endpoint of its user's.
 */
export function endpointConfig(
  { url: endpoint, region, administrator }: Pick<Deployed, 'url' | 'region' | 'administrator'>,
  { credentials = administrator, maxAttempts = 3 }: Partial<Pick<EndpointConfig, 'credentials' | 'maxAttempts'>> = {},
): EndpointConfig {
  return {
    ...{ endpoint, region, credentials, maxAttempts },
    ...{ useFipsEndpoint: false, useDualstackEndpoint: false, retryMode: 'standard', defaultsMode: 'standard' },
  };
}
