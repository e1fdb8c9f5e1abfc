import { wipe } from '../../contract/bytes';
import { type AzureLogin, ELSEWHERE_PATTERNS } from '../../contract/elsewhere';
import { RSA_MODULUS_BITS } from '../../contract/limits';
import type { EncryptionContext, WrappedDataKey } from '../../message';
import { shapeFailure } from '../../remote/failure';
import type { OtherKey } from '../provider';
import { chooseCandidate, requireAzureKeyId } from './azure-key-id';
import { createOperations } from './azure-operation';
import { bindDataKey, releaseDataKey } from './bound-data-key';
import { wrapFreshDataKey } from './fresh-data-key';

const PROVIDER_ID = 'azure-key-vault';
const ALGORITHM = 'RSA-OAEP-256';
/** Lengths of the ciphertexts of RSA keys. */
const MODULUS_BYTES: ReadonlySet<number> = new Set(RSA_MODULUS_BITS.map((bits) => bits / 8));

export interface AzureKeyOptions extends AzureLogin {
  /** versioned id of the key that seals; any of its versions opens */
  readonly key: string;
}

/**
 * Data keys under an RSA key of Azure Key Vault, of any tier: one `wrapkey` or one `unwrapkey` each. The service wraps,
 * although the key is public: so a role without the right, or without a network, seals nothing. RSA has no additional data, so the context is
 * bound by bound-data-key.ts. Throws `Misconfigured` at once for anything but a versioned id; its methods throw as
 * `KeyProvider`.
 */
export function createAzureKeyVaultKey({ key: id, tenant, client }: AzureKeyOptions): OtherKey {
  const key = requireAzureKeyId(id, ELSEWHERE_PATTERNS.azureVaultKey);
  const perform = createOperations({ tenant, client }, 'https://vault.azure.net');
  const wrapDataKey = async (
    dataKey: Uint8Array,
    context: EncryptionContext,
    signal: AbortSignal,
  ): Promise<WrappedDataKey> => {
    const value = bindDataKey(dataKey, context);
    try {
      const { value: ciphertext } = await perform(
        { key: key.versioned, operation: 'wrapkey', algorithm: ALGORITHM, value },
        signal,
      );
      if (!MODULUS_BYTES.has(ciphertext.length)) throw shapeFailure('azure', 'the bytes of an RSA modulus');
      return { providerId: PROVIDER_ID, providerInfo: Buffer.from(key.versioned), ciphertext };
    } finally {
      wipe(value);
    }
  };
  return {
    providerId: PROVIDER_ID,
    keyId: key.key,
    wrapDataKey,
    wrapNewDataKey: (context, signal) => wrapFreshDataKey((dataKey) => wrapDataKey(dataKey, context, signal)),
    unwrapDataKey: async (candidates, context, signal) => {
      const { versioned, ciphertext } = chooseCandidate(candidates, key, PROVIDER_ID, MODULUS_BYTES);
      const { value } = await perform(
        { key: versioned, operation: 'unwrapkey', algorithm: ALGORITHM, value: ciphertext },
        signal,
      );
      return releaseDataKey(value, context);
    },
  };
}
