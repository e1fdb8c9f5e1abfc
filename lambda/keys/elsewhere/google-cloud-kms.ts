import { wipe } from '../../contract/bytes';
import { ELSEWHERE_PATTERNS, type OtherKeyDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { GCM, MAX_WRAPPED_KEY_BYTES } from '../../contract/limits';
import { type EncryptionContext, type WrappedDataKey, encodeContext } from '../../message';
import { createGoogleTokens } from '../../remote/google-token';
import type { OtherKey } from '../provider';
import { wrapFreshDataKey } from './fresh-data-key';
import { type GoogleKeyClient, createGoogleKeyClient } from './google-key-client';
import { MissingDataKeyError } from '../missing-data-key';

export type GoogleKeyDescription = Extract<OtherKeyDescription, { readonly type: 'gcp-kms' }>;

/** Origins of Google's services. Tests and tools can name others. */
export interface GoogleEndpoints {
  /** @default https://cloudkms.googleapis.com */
  readonly kms?: string;
  /** @default https://sts.googleapis.com */
  readonly sts?: string;
}

const PROVIDER_ID = 'gcp-kms';
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';

/**
 * Data keys under a symmetric key of Google Cloud KMS: one `encrypt` or one `decrypt` each, with the encryption context as
 * additional authenticated data. The key's primary version wraps; a ciphertext names its version itself. Throws
 * `Misconfigured` at once for a malformed description; its methods throw as `KeyProvider`.
 */
export function createGoogleCloudKmsKey(
  { key, ...login }: GoogleKeyDescription,
  { kms, sts }: GoogleEndpoints = {},
): OtherKey {
  if (!ELSEWHERE_PATTERNS.googleKey.test(key)) {
    throw new VaultError('Misconfigured', 'expected the resource name of a key without a version, got something else');
  }
  const client = createGoogleKeyClient(key, createGoogleTokens(login, SCOPE, sts), kms);
  const wrapDataKey: OtherKey['wrapDataKey'] = async (dataKey, context, signal) => ({
    providerId: PROVIDER_ID,
    providerInfo: Buffer.from(key),
    ciphertext: await client.encrypt(dataKey, encodeContext(context), signal),
  });
  return {
    providerId: PROVIDER_ID,
    keyId: key,
    wrapDataKey,
    wrapNewDataKey: (context, signal) => wrapFreshDataKey((dataKey) => wrapDataKey(dataKey, context, signal)),
    unwrapDataKey: async (candidates, context, signal) => unwrap(client, choose(candidates, key), context, signal),
  };
}

async function unwrap(
  client: GoogleKeyClient,
  ciphertext: Uint8Array,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<Buffer> {
  const dataKey = await client.decrypt(ciphertext, encodeContext(context), signal);
  if (dataKey.length === GCM.keyBytes) return dataKey;
  wipe(dataKey);
  throw new VaultError('ContextMismatch', `expected a data key of ${GCM.keyBytes} bytes, got ${dataKey.length}`);
}

/** By provider *and* exact name: another key, or a version's name, is not tried. */
function choose(candidates: readonly WrappedDataKey[], key: string): Uint8Array {
  const info = Buffer.from(key);
  const chosen = candidates.find(
    ({ providerId, providerInfo }) => providerId === PROVIDER_ID && info.equals(providerInfo),
  );
  if (chosen === undefined) throw new MissingDataKeyError();
  const { length } = chosen.ciphertext;
  if (length > 0 && length <= MAX_WRAPPED_KEY_BYTES) return chosen.ciphertext;
  const range = `1 to ${MAX_WRAPPED_KEY_BYTES} bytes`;
  throw new VaultError('ContextMismatch', `expected a wrapped data key of ${range}, got ${length}`);
}
