import { shellQuote } from '../../client/commands/shell-quote';
import { profileVariables } from '../vault/profiles';

/** Variables of a developer's shell that SDKs and the `aws` command prefer to a profile. */
const PREFERRED = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_DEFAULT_PROFILE'],
  ...['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN', 'AWS_ROLE_SESSION_NAME'],
  ...['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'],
  ...['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'AWS_CA_BUNDLE', 'AWS_STS_REGIONAL_ENDPOINTS', 'AWS_ENDPOINT_URL'],
  ...['KMS', 'LAMBDA', 'SECRETS_MANAGER', 'SSM', 'STS'].map((service) => `AWS_ENDPOINT_URL_${service}`),
] as const;

/**
 * Returns a line for a POSIX shell after which SDKs and the `aws` command, versions 1 and 2, call the local vault with a
 * profile, whatever the shell's variables were before: it removes the ones that win over a profile, and calls no proxy.
 */
export function shellExports(configFile: string, profile: string): string {
  const set = Object.entries(profileVariables(configFile, profile)).map(
    ([name, value]) => `${name}=${shellQuote(value)}`,
  );
  return `export ${[...set, ...['NO_PROXY', 'no_proxy'].map(withoutProxy)].join(' ')}; unset ${PREFERRED.join(' ')}`;
}

/** Adds this machine to the hosts that are called directly. */
function withoutProxy(name: string): string {
  return `${name}="127.0.0.1,localhost\${${name}:+,$${name}}"`;
}
