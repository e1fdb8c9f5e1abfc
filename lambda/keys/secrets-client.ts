import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { RETRIES } from '../invocation/attempt';
import { VaultError } from '../contract/errors';
import { BlankPlaintextHandler } from './blank-plaintext';
import { takeSecretValue } from './plaintext';

/** A client to which secrets' values never become strings. Region, endpoint and credentials come from the environment. */
export function createSecretsClient(config: SecretsManagerClientConfig = {}): SecretsManagerClient {
  return new SecretsManagerClient({
    ...RETRIES,
    ...config,
    requestHandler: new BlankPlaintextHandler(takeSecretValue),
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
