import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { VaultError } from '../errors';
import { BlankPlaintextHandler } from './blank-plaintext';
import { takeSecretValue } from './plaintext';

/** Tries of one call, the first included; the call's own signal bounds them all. */
const MAX_ATTEMPTS = 3;
/** An attempt that takes longer is given up and made again, in milliseconds. */
const CONNECT_MS = 1_000;
const ATTEMPT_MS = 5_000;

/** A client to which secrets' values never become strings. Region, endpoint and credentials come from the environment. */
export function createSecretsClient(config: SecretsManagerClientConfig = {}): SecretsManagerClient {
  const timeouts = { connectionTimeout: CONNECT_MS, requestTimeout: ATTEMPT_MS, throwOnRequestTimeout: true };
  return new SecretsManagerClient({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    ...config,
    requestHandler: new BlankPlaintextHandler(timeouts, takeSecretValue),
  });
}

let shared: SecretsManagerClient | undefined;

/** The process's one client, made when a key is first kept in a secret. */
export function sharedSecretsClient(): SecretsManagerClient {
  return (shared ??= createSecretsClient());
}

/** Throws `Misconfigured` for a client that would let a private key become a string. */
export function requireBlankingSecrets(client: SecretsManagerClient): SecretsManagerClient {
  const { requestHandler } = client.config;
  if (requestHandler instanceof BlankPlaintextHandler && requestHandler.take === takeSecretValue) return client;
  throw new VaultError('Misconfigured', 'expected a secrets client of createSecretsClient, got another');
}
