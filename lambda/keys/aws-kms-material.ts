import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { MATERIAL_ID_PATTERN } from '../contract/patterns';
import { kmsFailure } from './aws-kms-errors';
import { sharedKmsClient } from './kms-client';

/**
 * Returns the id of the material that wraps a key's new data keys; '' for a key whose material has none. After a rotation
 * KMS may name the former one for a while. Throws as `KeyProvider`.
 */
export async function currentMaterialId(
  keyArn: string,
  signal: AbortSignal,
  client: KMSClient = sharedKmsClient(),
): Promise<string> {
  try {
    const command = new DescribeKeyCommand({ KeyId: keyArn });
    const { KeyMetadata: key } = await client.send(command, { abortSignal: signal });
    const id = key?.CurrentKeyMaterialId ?? '';
    return MATERIAL_ID_PATTERN.test(id) ? id : '';
  } catch (error) {
    throw kmsFailure(error, signal, 'ContextMismatch');
  }
}
