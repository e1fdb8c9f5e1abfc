import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AttemptHandler, RETRIES } from '../invocation/attempt';

/** The secret's value as of now, and the one before it. */
export interface SecretVersions {
  readonly current: Uint8Array;
  /** when the current value came */
  readonly createdAt: Date;
  readonly previous?: Uint8Array | undefined;
}

/** Returns `undefined` if the secret has no value; throws if it can't be read. */
export type ReadVersions = (signal: AbortSignal) => Promise<SecretVersions | undefined>;

/**
 * Reads the signing secret, in the spelling that Dynamic shows, from a secret's `SecretString`; it is used as UTF-8.
 * Region, endpoint and credentials come from the environment.
 */
export function secretVersions(secretArn: string): ReadVersions {
  const client = new SecretsManagerClient({ ...RETRIES, requestHandler: new AttemptHandler() });
  return async (signal) => {
    // one after the other: a failure leaves no call behind
    const current = await readStage(client, secretArn, 'AWSCURRENT', signal);
    if (!current?.SecretString) return undefined;
    const previous = await readStage(client, secretArn, 'AWSPREVIOUS', signal);
    const { SecretString, CreatedDate: createdAt = new Date(0) } = current;
    return { current: Buffer.from(SecretString), createdAt, previous: bytesOf(previous?.SecretString) };
  };
}

/** Returns `undefined` if no version has this stage: a new secret has none, and one with its first value no previous one. */
async function readStage(
  client: SecretsManagerClient,
  SecretId: string,
  VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS',
  abortSignal: AbortSignal,
): Promise<GetSecretValueCommandOutput | undefined> {
  try {
    return await client.send(new GetSecretValueCommand({ SecretId, VersionStage }), { abortSignal });
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text ? Buffer.from(text) : undefined;
}
