import * as v from 'valibot';
import { wipe } from '../../wipe';
import type { StandInResponse } from '../stand-in';
import { azureErrors } from './azure-error';
import { decryptGcm, decryptRsa, encryptGcm, encryptRsa, publicJwk } from './cipher';
import type { DataAction, Grants } from './grants';
import type { Key, KeyVersion, Operation } from './key';
import type { Keys } from './keys';
import { jsonOf, type VaultCall, type VaultPart } from './vault-call';

/** Operations by the last part of their path, which has no capitals, and the action that allows each. */
const OPERATIONS: ReadonlyMap<string, { readonly operation: Operation; readonly action: DataAction }> = new Map([
  ['wrapkey', { operation: 'wrapKey', action: 'keys/wrap' }],
  ['unwrapkey', { operation: 'unwrapKey', action: 'keys/unwrap' }],
  ['encrypt', { operation: 'encrypt', action: 'keys/encrypt' }],
  ['decrypt', { operation: 'decrypt', action: 'keys/decrypt' }],
]);

/**
 * What a key vault does with a disabled RSA key: a public key is no secret (measured by Azure/azure-sdk-for-python#45342).
 * What a managed HSM does with a disabled AES key is unknown: it does nothing here.
 */
const WORKS_DISABLED: ReadonlySet<string> = new Set(
  ['RSA', 'RSA-HSM'].flatMap((kty) => ['encrypt', 'wrapKey'].map((operation) => `${kty} ${operation}`)),
);

/** base64url without padding, as the service requires */
const BYTES = v.pipe(v.string(), v.regex(/^[\w-]*$/), v.transform((text) => Buffer.from(text, 'base64url'))); // prettier-ignore
const INPUT = v.object({
  alg: v.string(),
  value: BYTES,
  iv: v.optional(BYTES),
  tag: v.optional(BYTES),
  aad: v.optional(BYTES),
});
type Input = v.InferOutput<typeof INPUT>;

/** The keys' part of a vault: `GET /keys/NAME[/VERSION]` and `POST /keys/NAME/VERSION/OPERATION`. */
export function keysPart(keys: Keys, grants: Grants): VaultPart {
  return (call) => {
    const [area, name = '', version, last, ...more] = call.path;
    if (area !== 'keys' || name === '' || more.length > 0) return undefined;
    if (call.method === 'GET' && last === undefined) {
      grants.require(call.client, 'keys/read', name);
      return describe(keys, name, version === '' ? undefined : version);
    }
    const known = OPERATIONS.get(last?.toLowerCase() ?? '');
    if (call.method !== 'POST' || known === undefined) return undefined;
    grants.require(call.client, known.action, name);
    return perform(keys, call, keys.find(name, version === '' ? undefined : version), known.operation);
  };
}

function describe(keys: Keys, name: string, wanted: string | undefined): StandInResponse {
  const { key, version } = keys.find(name, wanted);
  const created = Math.floor(version.createdAt.getTime() / 1_000);
  const kid = keys.idOf(key, version);
  const jwk = { kid, kty: key.spec.kty, key_ops: key.operations, ...publicJwk(key.spec, version) };
  const attributes = { enabled: version.enabled, created, updated: created, recoveryLevel: 'Recoverable+Purgeable' };
  return { status: 200, body: { key: jwk, attributes } };
}

function perform(
  keys: Keys,
  call: VaultCall,
  { key, version }: { readonly key: Key; readonly version: KeyVersion },
  operation: Operation,
): StandInResponse {
  if (!version.enabled && !WORKS_DISABLED.has(`${key.spec.kty} ${operation}`)) throw azureErrors.disabled(operation);
  if (!key.operations.includes(operation)) throw azureErrors.operationDenied(operation);
  const input = v.safeParse(INPUT, jsonOf(call));
  if (!input.success) throw azureErrors.badParameter("Content of 'value' is not base64url.");
  const { alg, ...parts } = input.output;
  try {
    if (alg !== (key.spec.kty === 'oct-HSM' ? 'A256GCM' : 'RSA-OAEP-256')) {
      throw azureErrors.badParameter(`Algorithm ${alg} is not supported by this key.`);
    }
    const result = key.spec.kty === 'oct-HSM' ? runGcm(version, operation, parts) : runRsa(version, operation, parts);
    return { status: 200, body: { kid: keys.idOf(key, version), ...result } };
  } finally {
    wipe(parts.value);
  }
}

type Parts = Omit<Input, 'alg'>;

function runRsa(version: KeyVersion, operation: Operation, { value }: Parts): object {
  const seals = operation === 'wrapKey' || operation === 'encrypt';
  return encoded(seals ? encryptRsa(version, value) : decryptRsa(version, value));
}

function runGcm(version: KeyVersion, operation: Operation, { value, iv, tag, aad }: Parts): object {
  const bound = aad ?? Buffer.alloc(0);
  if (operation === 'encrypt') {
    if (iv !== undefined) throw azureErrors.badParameter('The service chooses the iv of A256GCM.');
    const sealed = encryptGcm(version, value, bound);
    const [sealedIv, sealedTag] = [sealed.iv, sealed.tag].map((bytes) => bytes.toString('base64url'));
    return { ...encoded(sealed.value), iv: sealedIv, tag: sealedTag, aad: bound.toString('base64url') };
  }
  if (iv === undefined || tag === undefined) throw azureErrors.badParameter('A256GCM requires iv and tag.');
  return encoded(decryptGcm(version, { value, iv, tag }, bound));
}

function encoded(bytes: Buffer): { readonly value: string } {
  try {
    return { value: bytes.toString('base64url') };
  } finally {
    wipe(bytes);
  }
}
