import { publicEncrypt } from 'node:crypto';
import { OAEP } from '../../contract/encrypt';
import { RECOVERY_PROVIDER_ID } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { type RecoveryPublicKey, recoveryKeyInfo } from '../../contract/recovery';
import type { Wrapper } from '../provider';

/**
 * Data keys under a public RSA key whose private half the vault never had: the bare 32 bytes, RSA-OAEP with SHA-256 and
 * MGF1 with SHA-256, no label. The raw RSA keyring of every AWS Encryption SDK opens them, with `RECOVERY_PROVIDER_ID` as
 * key namespace and the provider info as key name. RSA binds no context; the message's header tag does. Makes no call.
 */
export function createRecoveryKey(key: RecoveryPublicKey): Wrapper {
  const { publicKey } = key;
  const providerInfo = Buffer.from(recoveryKeyInfo(key));
  return {
    // async: a failure rejects
    // eslint-disable-next-line @typescript-eslint/require-await
    async wrapDataKey(dataKey, _context, signal) {
      if (signal.aborted) throw new VaultError('KeyTimeout', 'expected time left to wrap the data key, got none');
      try {
        const ciphertext = publicEncrypt({ key: publicKey, ...OAEP }, dataKey);
        return { providerId: RECOVERY_PROVIDER_ID, providerInfo, ciphertext };
      } catch (error) {
        throw new VaultError('KeyUnavailable', "the recovery key can't be used", { cause: error });
      }
    },
  };
}
