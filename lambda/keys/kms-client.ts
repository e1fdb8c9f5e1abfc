import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { VaultError } from '../errors';
import { BlankPlaintextHandler } from './blank-plaintext';

/** Tries of one call, the first included; the call's own signal bounds them all. */
const MAX_ATTEMPTS = 3;
/** KMS answers in milliseconds: an attempt that takes longer is given up and made again, in milliseconds. */
const CONNECT_MS = 1_000;
const ATTEMPT_MS = 5_000;

/** A client whose answers' plaintexts never become strings. Region, endpoint and credentials come from the environment. */
export function createKmsClient(config: KMSClientConfig = {}): KMSClient {
  return new KMSClient({
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    ...config,
    requestHandler: new BlankPlaintextHandler({
      connectionTimeout: CONNECT_MS,
      requestTimeout: ATTEMPT_MS,
      throwOnRequestTimeout: true,
    }),
  });
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
