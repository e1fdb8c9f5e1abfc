import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { RETRIES } from '../invocation/attempt';
import { VaultError } from '../contract/errors';
import { BlankPlaintextHandler } from './blank-plaintext';

/** A client whose answers' plaintexts never become strings. Region, endpoint and credentials come from the environment. */
export function createKmsClient(config: KMSClientConfig = {}): KMSClient {
  return new KMSClient({ ...RETRIES, ...config, requestHandler: new BlankPlaintextHandler() });
}

let shared: KMSClient | undefined;

/** The process's one client: its keys share the connections that are open. */
export function sharedKmsClient(): KMSClient {
  return (shared ??= createKmsClient());
}

/** Throws `Misconfigured` for a client that would let plaintexts become strings. */
export function requireBlanking(client: KMSClient): KMSClient {
  if (client.config.requestHandler instanceof BlankPlaintextHandler) return client;
  throw new VaultError('Misconfigured', 'expected a kms client of createKmsClient, got another');
}
