import { VaultError } from '../contract/errors';

/** Credentials in the form of the AWS SDK. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Returns a reader of the credentials in a function's environment. The bundles have it in place of the SDK's chain of
 * providers. That chain also reads files, other hosts and processes, and it is most of the SDK's size.
 */
export const defaultProvider = () => (): Promise<Credentials> =>
  Promise.resolve().then(() => readCredentials(process.env));

/** The same under the name by which the database's token signer asks for it. */
export const fromNodeProviderChain = defaultProvider;

/** Throws `Misconfigured` that names every variable that is missing. The session token is absent outside of Lambda. */
export function readCredentials(source: NodeJS.ProcessEnv): Credentials {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = source;
  if (!accessKeyId || !secretAccessKey) {
    const missing = [accessKeyId ? [] : 'AWS_ACCESS_KEY_ID', secretAccessKey ? [] : 'AWS_SECRET_ACCESS_KEY'].flat();
    throw new VaultError('Misconfigured', `credentials: expected a value of ${missing.join(' and ')}, got none`);
  }
  return sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
}
