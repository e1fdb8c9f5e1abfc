import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { RETRIES } from '../invocation/attempt';
import { VaultError } from '../contract/errors';
import { KMS_KEY_ARN_PATTERN } from '../contract/patterns';
import { BlankPlaintextHandler } from './blank-plaintext';

/** A client whose responses' plaintexts never become strings. Region, endpoint and credentials come from the environment. */
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

/** Throws `Misconfigured` for anything but a key's own ARN: an alias can be pointed at another key at any time. */
export function requireKeyArn(arn: string): string {
  if (KMS_KEY_ARN_PATTERN.test(arn)) return arn;
  const got = /^(arn:.*:)?alias\//.test(arn) ? 'an alias' : 'something else';
  throw new VaultError('Misconfigured', `expected the ARN of a KMS key, got ${got}`);
}
