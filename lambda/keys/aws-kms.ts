import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { VaultError } from '../contract/errors';
import { GCM, MAX_WRAPPED_KEY_BYTES } from '../contract/limits';
import type { EncryptionContext, WrappedDataKey } from '../message';
import { MATERIAL_ID_PATTERN } from '../contract/patterns';
import { kmsFailure } from './aws-kms-errors';
import { type PlaintextOptions, sendForPlaintext } from './blank-plaintext';
import { requireBlanking, requireKeyArn, sharedKmsClient } from './kms-client';
import { MissingDataKeyError } from './missing-data-key';
import type { KeyProvider, NewDataKey } from './provider';

const PROVIDER_ID = 'aws-kms';

export interface AwsKmsKeyOptions {
  /** ARN of a symmetric key, never of an alias */
  readonly keyArn: string;
  /** of `createKmsClient`; by default the process's own */
  readonly client?: KMSClient;
  /** gets the id of the material that each opened data key was wrapped under, '' if KMS names none @default - ignored */
  readonly onUnwrap?: (materialId: string) => void;
}

/**
 * Data keys under a symmetric key in AWS KMS, as every AWS Encryption SDK wraps them: one `GenerateDataKey` or one
 * `Decrypt` each. Throws `Misconfigured` at once for anything but a key's ARN; its methods throw as `KeyProvider`.
 */
export function createAwsKmsKey(options: AwsKmsKeyOptions): KeyProvider {
  const keyArn = requireKeyArn(options.keyArn);
  const client = requireBlanking(options.client ?? sharedKmsClient());
  return {
    providerId: PROVIDER_ID,
    keyId: keyArn,
    wrapNewDataKey: (context, signal) => guarded(signal, () => wrapNew(client, keyArn, context, signal)),
    unwrapDataKey: (candidates, context, signal) =>
      guarded(signal, async () => {
        const { dataKey, materialId } = await unwrap(client, keyArn, choose(candidates, keyArn), context, signal);
        options.onUnwrap?.(materialId);
        return dataKey;
      }),
  };
}

function wrapNew(
  client: KMSClient,
  keyArn: string,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<NewDataKey> {
  const command = new GenerateDataKeyCommand({
    KeyId: keyArn,
    KeySpec: 'AES_256',
    EncryptionContext: Object.fromEntries(context),
  });
  const send = (options: PlaintextOptions) => client.send(command, options);
  return sendForPlaintext(
    keyArn,
    signal,
    send,
    (plaintext, { CiphertextBlob: ciphertext, KeyMaterialId: materialId = '' }) => {
      if (plaintext.length !== GCM.keyBytes || ciphertext === undefined) {
        throw new VaultError('KeyUnreachable', `expected a data key of ${GCM.keyBytes} bytes, got another`);
      }
      // `sendForPlaintext` compared the response's key with this one
      const wrapped = [{ providerId: PROVIDER_ID, providerInfo: Buffer.from(keyArn), ciphertext }];
      return { plaintext, wrapped, materialId: MATERIAL_ID_PATTERN.test(materialId) ? materialId : '' };
    },
  );
}

/** By provider *and* exact ARN: KMS is never asked to find out by itself under which key something was encrypted. */
function choose(candidates: readonly WrappedDataKey[], keyArn: string): Uint8Array {
  const info = Buffer.from(keyArn);
  const chosen = candidates.find(
    ({ providerId, providerInfo }) => providerId === PROVIDER_ID && info.equals(providerInfo),
  );
  if (chosen === undefined) throw new MissingDataKeyError();
  const { length } = chosen.ciphertext;
  if (length === 0 || length > MAX_WRAPPED_KEY_BYTES) {
    throw new VaultError(
      'ContextMismatch',
      `expected a wrapped data key of 1 to ${MAX_WRAPPED_KEY_BYTES} bytes, got ${length}`,
    );
  }
  return chosen.ciphertext;
}

function unwrap(
  client: KMSClient,
  keyArn: string,
  ciphertext: Uint8Array,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<{ readonly dataKey: Buffer; readonly materialId: string }> {
  const command = new DecryptCommand({
    KeyId: keyArn,
    CiphertextBlob: ciphertext,
    EncryptionContext: Object.fromEntries(context),
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  });
  const send = (options: PlaintextOptions) => client.send(command, options);
  return sendForPlaintext(keyArn, signal, send, (dataKey, { KeyMaterialId: materialId = '' }) => {
    if (dataKey.length === GCM.keyBytes) return { dataKey, materialId };
    throw new VaultError('ContextMismatch', `expected a data key of ${GCM.keyBytes} bytes, got ${dataKey.length}`);
  });
}

async function guarded<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw kmsFailure(error, signal, 'ContextMismatch');
  }
}
