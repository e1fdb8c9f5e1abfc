import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import createVault from 'node-vault';
import * as v from 'valibot';
import { createVaultTransitKey } from '../../../../lambda/keys/elsewhere/vault-transit';
import { encodeContext } from '../../../../lambda/message';
import { signCallerIdentity } from '../../../../lambda/remote/caller-identity';
import { getWebIdentityToken } from '../../../../lambda/remote/web-identity';
import { AUDIENCE, NAMESPACE, SERVER_ID, VaultFixture } from '../../../local/emulator/elsewhere/vault/support';
import { describeKey } from './vault-support';

const CONTEXT = new Map([
  ['environment', 'dev'],
  ['field', 'delegated_share'],
]);
const associated_data = encodeContext(CONTEXT).toString('base64');
const soon = () => AbortSignal.timeout(30_000);
const RESPONSE = v.object({
  data: v.looseObject({ plaintext: v.optional(v.string(), ''), ciphertext: v.optional(v.string(), '') }),
});
/** The client's responses have no types. */
const dataOf = async (response: Promise<unknown>) => v.parse(RESPONSE, await response).data;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('node-vault, a client of HashiCorp Vault,', () => {
  let fixture: VaultFixture;
  beforeEach(async () => {
    fixture = await new VaultFixture().start();
  });
  afterEach(() => fixture.close());

  /** The client with its own login. */
  async function logIn(namespace?: string) {
    const { address: endpoint, pem: ca } = fixture;
    const client = createVault({ endpoint, namespace, requestOptions: { ca } });
    await client.jwtLogin({ role: 'seal', jwt: await getWebIdentityToken(AUDIENCE, soon()) });
    return client;
  }

  test.each([undefined, NAMESPACE])('unwraps what the provider wrapped, in namespace %s', async (namespace) => {
    const key = createVaultTransitKey(describeKey(fixture, namespace === undefined ? {} : { namespace }));
    const { plaintext, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    const ciphertext = Buffer.from(wrapped[0]?.ciphertext ?? []).toString();

    const client = await logIn(namespace);

    const data = await dataOf(client.decryptData({ name: 'share', ciphertext, associated_data }));
    expect(Buffer.from(data.plaintext, 'base64')).toEqual(plaintext);
    await expect(client.decryptData({ name: 'share', ciphertext })).rejects.toThrow('message authentication failed');
  });

  test('wraps what the provider unwraps', async () => {
    const key = createVaultTransitKey(describeKey(fixture));
    const dataKey = randomBytes(32);

    const client = await logIn();
    const input = { name: 'share', plaintext: dataKey.toString('base64'), associated_data };
    const data = await dataOf(client.encryptData(input));

    const ciphertext = Buffer.from(data.ciphertext);
    const wrapped = { providerId: 'vault-transit', providerInfo: Buffer.from(key.keyId), ciphertext };
    expect(await key.unwrapDataKey([wrapped], CONTEXT, soon())).toEqual(dataKey);
  });

  test('logs in with a caller identity that the runtime signed', async () => {
    const { method, url, headers, body } = await signCallerIdentity({ 'x-vault-aws-iam-server-id': SERVER_ID });
    const client = createVault({ endpoint: fixture.address, requestOptions: { ca: fixture.pem } });

    const response: unknown = await client.awsIamLogin({
      role: 'seal',
      iam_http_request_method: method,
      iam_request_url: base64(url.href),
      iam_request_body: base64(body),
      iam_request_headers: base64(JSON.stringify(headers)),
    });

    const auth = { token_type: 'batch', policies: ['default', 'share'], lease_duration: 300 };
    expect(response).toMatchObject({ auth });
  });

  test('makes, rotates, reads and deletes a key, as an operator', async () => {
    fixture.server.policies = { share: { 'transit/keys/*': ['create', 'read', 'update', 'delete', 'list'] } };
    const client = await logIn();

    await client.transitCreateKey({ name: 'made', type: 'aes256-gcm96' });
    await client.write('transit/keys/made/rotate', {});
    const data = await dataOf(client.transitReadKey({ name: 'made' }));
    await expect(client.transitDeleteKey({ name: 'made' })).rejects.toThrow('deletion is not allowed');
    await client.write('transit/keys/made/config', { deletion_allowed: true });
    await client.transitDeleteKey({ name: 'made' });

    expect(data).toMatchObject({ type: 'aes256-gcm96', latest_version: 2, min_decryption_version: 1 });
    expect(fixture.transit.has('made')).toBe(false);
  });
});
