import { wipe } from '../../contract/bytes';
import { ELSEWHERE_PATTERNS } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { GCM } from '../../contract/limits';
import { type EncryptionContext, encodeContext, type WrappedDataKey } from '../../message';
import { shapeFailure } from '../../remote/failure';
import type { OtherKey } from '../provider';
import { chooseCandidate, requireAzureKeyId } from './azure-key-id';
import type { AzureKeyOptions } from './azure-key-vault';
import { createOperations } from './azure-operation';
import { wrapFreshDataKey } from './fresh-data-key';

const PROVIDER_ID = 'azure-managed-hsm';
const ALGORITHM = 'A256GCM';
const TAG_AT = GCM.ivBytes + GCM.keyBytes;
/** iv ‖ ciphertext ‖ tag */
const WRAPPED_BYTES = TAG_AT + GCM.tagBytes;

/**
 * Data keys under an AES key (`oct-HSM`) of Azure Managed HSM: one `encrypt` or one `decrypt` each, with the context as
 * additional data under an IV of the service. Throws `Misconfigured` at once for anything but a versioned id; its methods
 * throw as `KeyProvider`.
 */
export function createAzureManagedHsmKey({ key: id, tenant, client }: AzureKeyOptions): OtherKey {
  const key = requireAzureKeyId(id, ELSEWHERE_PATTERNS.azureHsmKey);
  const perform = createOperations({ tenant, client }, 'https://managedhsm.azure.net');
  const wrapDataKey = async (
    dataKey: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<WrappedDataKey> => {
    const members = { aad: encodeContext(context) };
    const { value, member } = await perform(
      { key: key.versioned, operation: 'encrypt', algorithm: ALGORITHM, value: dataKey, members },
      signal,
    );
    const [iv, tag] = [member('iv'), member('tag')];
    if (iv.length !== GCM.ivBytes || value.length !== GCM.keyBytes || tag.length !== GCM.tagBytes) {
      throw shapeFailure('azure', `${WRAPPED_BYTES} bytes of AES-GCM`);
    }
    const ciphertext = Buffer.concat([iv, value, tag]);
    return { providerId: PROVIDER_ID, providerInfo: Buffer.from(key.versioned), ciphertext };
  };
  return {
    providerId: PROVIDER_ID,
    keyId: key.key,
    wrapDataKey,
    wrapNewDataKey: (context, signal) => wrapFreshDataKey((dataKey) => wrapDataKey(dataKey, context, signal)),
    unwrapDataKey: async (candidates, context, signal) => {
      const { versioned, ciphertext } = chooseCandidate(candidates, key, PROVIDER_ID, new Set([WRAPPED_BYTES]));
      const members = {
        aad: encodeContext(context),
        iv: ciphertext.subarray(0, GCM.ivBytes),
        tag: ciphertext.subarray(TAG_AT),
      };
      const sealed = ciphertext.subarray(GCM.ivBytes, TAG_AT);
      const { value } = await perform(
        { key: versioned, operation: 'decrypt', algorithm: ALGORITHM, value: sealed, members },
        signal,
      );
      if (value.length === GCM.keyBytes) return value;
      wipe(value);
      throw new VaultError('ContextMismatch', `expected a data key of ${GCM.keyBytes} bytes, got another`);
    },
  };
}
