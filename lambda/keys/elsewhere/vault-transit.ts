import { keyMemory, wipe } from '../../contract/bytes';
import { ELSEWHERE_PATTERNS, type OtherKeyDescription } from '../../contract/elsewhere';
import { VaultError } from '../../contract/errors';
import { GCM, MAX_WRAPPED_KEY_BYTES } from '../../contract/limits';
import { type EncryptionContext, type WrappedDataKey, encodeContext } from '../../message';
import { decodeBytes, encodeBytes } from '../../remote/base64';
import { shapeFailure, statusFailure } from '../../remote/failure';
import type { RemoteResponse } from '../../remote/request';
import { VAULT_SERVICE, type VaultClient, createVaultClient } from '../../remote/vault-token';
import { takeMember } from '../blank-member';
import type { OtherKey } from '../provider';
import { wrapFreshDataKey } from './fresh-data-key';
import { MissingDataKeyError } from '../missing-data-key';

export type VaultTransitDescription = Extract<OtherKeyDescription, { readonly type: 'vault-transit' }>;

const PROVIDER_ID = 'vault-transit';
/** A data key under a key of type `aes256-gcm96`: version, then iv 12 ‖ ciphertext 32 ‖ tag 16 in base64. */
const CIPHERTEXT = /^vault:v[1-9][0-9]{0,8}:[A-Za-z0-9+/]{80}$/;

/** A refusal of a version that the key does not have, which calls the ciphertext invalid too. */
const TOO_NEW = 'version is too new';
const MISMATCH = ['message authentication failed', 'invalid ciphertext'];
/** A warning of versions before 1.13: they bind no associated data, and say so beside their result. */
const UNBOUND = 'ignored these unrecognized parameters: [associated_data';

/**
 * Data keys under a key of the transit engine of HashiCorp Vault or OpenBao: one `encrypt` or one `decrypt` each, with the
 * encryption context as the associated data. A wrapped data key is the text that Vault returns. Throws `Misconfigured`
 * at once for a malformed description; its methods throw as `KeyProvider`.
 */
export function createVaultTransitKey(description: VaultTransitDescription): OtherKey {
  const { address, namespace, mount, key } = description;
  if (!ELSEWHERE_PATTERNS.vaultName.test(key)) {
    throw new VaultError('Misconfigured', 'expected the name of a transit key, got something else');
  }
  const keyId = [address, 'v1', ...(namespace === undefined ? [] : [namespace]), mount, 'keys', key].join('/');
  const transit: Transit = { client: createVaultClient(description, description.login), mount, key, keyId };
  const wrapDataKey: OtherKey['wrapDataKey'] = (dataKey, context, signal) => wrap(transit, dataKey, context, signal);
  return {
    providerId: PROVIDER_ID,
    keyId,
    wrapDataKey,
    wrapNewDataKey: (context, signal) => wrapFreshDataKey((dataKey) => wrapDataKey(dataKey, context, signal)),
    // async: a candidate that is missing rejects
    unwrapDataKey: async (candidates, context, signal) => unwrap(transit, choose(candidates, keyId), context, signal),
  };
}

interface Transit {
  readonly client: VaultClient;
  readonly mount: string;
  readonly key: string;
  readonly keyId: string;
}

async function wrap(
  { client, mount, key, keyId }: Transit,
  dataKey: Uint8Array,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<WrappedDataKey> {
  const body = encryptBody(dataKey, context);
  try {
    const response = await client.send({ method: 'POST', path: `${mount}/encrypt/${key}`, body }, signal);
    if (response.status !== 200) throw statusFailure(VAULT_SERVICE, response.status);
    requireBound(response);
    return { providerId: PROVIDER_ID, providerInfo: Buffer.from(keyId), ciphertext: readCiphertext(response) };
  } finally {
    wipe(body);
  }
}

/** As bytes, since a string of the data key can't be wiped. */
function encryptBody(dataKey: Uint8Array, context: EncryptionContext): Buffer {
  const plaintext = encodeBytes(dataKey, 'base64');
  const parts = [Buffer.from('{"plaintext":"'), plaintext, Buffer.from(`","associated_data":"${dataOf(context)}"}`)];
  const body = keyMemory(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) offset += part.copy(body, offset);
  wipe(plaintext);
  return body;
}

function dataOf(context: EncryptionContext): string {
  return encodeContext(context).toString('base64');
}

function requireBound({ body }: RemoteResponse): void {
  if (!body.includes(UNBOUND)) return;
  throw new VaultError('KeyUnavailable', 'expected a vault that binds associated data, got one that ignores it');
}

function readCiphertext({ body }: RemoteResponse): Buffer {
  const ciphertext = takeMember(body, 'ciphertext', (text) => Buffer.from(text));
  if (ciphertext !== undefined && CIPHERTEXT.test(ciphertext.toString('latin1'))) return ciphertext;
  throw shapeFailure(VAULT_SERVICE, 'a ciphertext of the transit engine');
}

async function unwrap(
  { client, mount, key }: Transit,
  ciphertext: string,
  context: EncryptionContext,
  signal: AbortSignal,
): Promise<Buffer> {
  const body = Buffer.from(JSON.stringify({ ciphertext, associated_data: dataOf(context) }));
  const response = await client.send({ method: 'POST', path: `${mount}/decrypt/${key}`, body }, signal);
  try {
    if (response.status !== 200) throw decryptFailure(response);
    requireBound(response);
    return readPlaintext(response.body);
  } finally {
    wipe(response.body);
  }
}

/** By provider *and* exact name: Vault is never asked to find out by itself under which key something was encrypted. */
function choose(candidates: readonly WrappedDataKey[], keyId: string): string {
  const info = Buffer.from(keyId);
  const chosen = candidates.find(
    ({ providerId, providerInfo }) => providerId === PROVIDER_ID && info.equals(providerInfo),
  );
  if (chosen === undefined) throw new MissingDataKeyError();
  const { length } = chosen.ciphertext;
  const text = length > MAX_WRAPPED_KEY_BYTES ? '' : Buffer.from(chosen.ciphertext).toString('latin1');
  if (CIPHERTEXT.test(text)) return text;
  throw new VaultError('ContextMismatch', 'expected a ciphertext of the transit engine, got something else');
}

/** Searches the bytes for Vault's own texts: a string of the response could hold what it quotes. */
function decryptFailure({ status, body }: RemoteResponse): VaultError {
  const mismatch = status === 400 && MISMATCH.some((text) => body.includes(text)) && !body.includes(TOO_NEW);
  if (!mismatch) return statusFailure(VAULT_SERVICE, status);
  return new VaultError('ContextMismatch', 'expected a ciphertext of this key and context, got another');
}

function readPlaintext(body: Buffer): Buffer {
  const dataKey = takeMember(body, 'plaintext', (text) => {
    const bytes = decodeBytes(text, 'base64');
    if (bytes === undefined) throw shapeFailure(VAULT_SERVICE, 'base64');
    return bytes;
  });
  if (dataKey === undefined) throw shapeFailure(VAULT_SERVICE, 'a plaintext');
  if (dataKey.length === GCM.keyBytes) return dataKey;
  const { length } = dataKey;
  wipe(dataKey);
  throw new VaultError('ContextMismatch', `expected a data key of ${GCM.keyBytes} bytes, got ${length}`);
}
