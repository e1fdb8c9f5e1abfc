/**
 * Performs operations with Microsoft's own clients, as a program would that knows nothing of this project. Reads
 * `{ tenant, client, assertion, operations }` as JSON from stdin; writes a list of results. Bytes are in base64.
 */
import { Buffer } from 'node:buffer';
import { json } from 'node:stream/consumers';
import { ClientAssertionCredential } from '@azure/identity';
import { CryptographyClient } from '@azure/keyvault-keys';

const { tenant, client, assertion, operations } = await json(process.stdin);
const credential = new ClientAssertionCredential(tenant, client, async () => assertion, {
  disableInstanceDiscovery: true,
});
const bytes = (text) => Buffer.from(text, 'base64');
const text = (array) => Buffer.from(array).toString('base64');

const perform = {
  wrap: async (key, { value }) => ({ value: text((await key.wrapKey('RSA-OAEP-256', bytes(value))).result) }),
  unwrap: async (key, { value }) => ({ value: text((await key.unwrapKey('RSA-OAEP-256', bytes(value))).result) }),
  encrypt: async (key, { value, aad }) => {
    const plaintext = { algorithm: 'A256GCM', plaintext: bytes(value), additionalAuthenticatedData: bytes(aad) };
    const { result, iv, authenticationTag } = await key.encrypt(plaintext);
    return { value: text(result), iv: text(iv), tag: text(authenticationTag) };
  },
  decrypt: async (key, { value, iv, tag, aad }) => {
    const { result } = await key.decrypt({
      algorithm: 'A256GCM',
      ciphertext: bytes(value),
      iv: bytes(iv),
      authenticationTag: bytes(tag),
      additionalAuthenticatedData: bytes(aad),
    });
    return { value: text(result) };
  },
};

const results = [];
for (const { operation, key, ...input } of operations) {
  try {
    results.push(await perform[operation](new CryptographyClient(key, credential), input));
  } catch (error) {
    results.push({ code: error.code, status: error.statusCode, message: error.message });
  }
}
process.stdout.write(JSON.stringify(results));
