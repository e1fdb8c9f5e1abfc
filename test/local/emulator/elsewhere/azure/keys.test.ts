import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type JsonWebKey,
  constants,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AzureStandIn } from '../../../../../local/emulator/elsewhere/azure';
import { HSM, OPENER, SEALER, TENANT, TestIssuer, VAULT, createAzure, createKey } from './support';

const RESOURCES = { [VAULT]: 'https://vault.azure.net', [HSM]: 'https://managedhsm.azure.net' };
const RSA = { kty: 'RSA', bits: 2048 } as const;
const AES = { kty: 'oct-HSM' } as const;
const MATERIAL = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'der',
});
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

const issuer = new TestIssuer();

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Returns the response as a client reads it. */
async function call(
  azure: AzureStandIn,
  url: string,
  body?: object | string,
  token = '',
  query = 'api-version=7.6',
): Promise<Reply> {
  const response = await azure.respond({
    method: body === undefined ? 'GET' : 'POST',
    url: new URL(`${url}?${query}`),
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? '')),
  });
  return {
    status: response?.status,
    headers: { ...response?.headers },
    body: JSON.parse(JSON.stringify(response?.body ?? {})) as Reply['body'],
  };
}

async function logIn(azure: AzureStandIn, client: string, host: keyof typeof RESOURCES = VAULT): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client,
    scope: `${RESOURCES[host]}/.default`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: issuer.issue(),
  });
  return (await azure.directory.login(TENANT, form)).access_token;
}

describe('a key vault', () => {
  let azure: AzureStandIn;
  let id: string;
  let token: string;
  beforeEach(async () => {
    azure = createAzure(issuer);
    id = await createKey(azure, VAULT, { spec: RSA, material: MATERIAL });
    token = await logIn(azure, SEALER);
  });
  const name = () => id.split('/').at(-2) ?? '';
  const wrapped = () => call(azure, `${id}/wrapkey`, { alg: 'RSA-OAEP-256', value: b64(randomBytes(80)) }, token);

  test('wraps and unwraps with RSA-OAEP and SHA-256, and names the version', async () => {
    const value = b64(randomBytes(80));

    const sealed = await call(azure, `${id}/wrapkey`, { alg: 'RSA-OAEP-256', value }, token);
    const opened = await call(azure, `${id}/unwrapkey`, { alg: 'RSA-OAEP-256', value: sealed.body.value }, token);

    expect(sealed).toMatchObject({ status: 200, body: { kid: id } });
    expect(opened).toMatchObject({ status: 200, body: { kid: id, value } });
  });

  test('publishes the public key, with which others can wrap', async () => {
    const { body } = await call(azure, id, undefined, token);
    const key = createPublicKey({ key: body.key as JsonWebKey, format: 'jwk' });
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const value = randomBytes(32);
    const sealed = b64(publicEncrypt({ key, ...padding }, value));

    const opened = await call(azure, `${id}/unwrapkey`, { alg: 'RSA-OAEP-256', value: sealed }, token);

    expect(opened.body.value).toBe(b64(value));
    expect(body).toMatchObject({ key: { kid: id, kty: 'RSA' }, attributes: { enabled: true } });
  });

  test('challenges a request without a token to log in at the tenant for its resource', async () => {
    const { status, headers, body } = await call(azure, id);

    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe(
      `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`,
    );
    expect(body).toMatchObject({ error: { code: 'Unauthorized', message: expect.stringContaining('AKV10000') } });
  });

  test('refuses a token of another resource, an unknown one, and one that ended', async () => {
    const ofHsm = await logIn(azure, SEALER, HSM);
    azure.directory.revokeTokens();
    const revoked = token;
    const other = await logIn(azure, SEALER, HSM);

    expect((await call(azure, id, undefined, other)).body).toMatchObject({
      error: { message: expect.stringContaining('AKV10022') },
    });
    for (const each of [ofHsm, revoked, 'unknown']) expect((await call(azure, id, undefined, each)).status).toBe(401);
  });

  test.each([
    ['wrapkey', 'keys/unwrap'],
    ['unwrapkey', 'keys/wrap'],
    ['encrypt', 'keys/wrap'],
    ['decrypt', 'keys/unwrap'],
  ] as const)('refuses %s to an application that may only do %s', async (operation, action) => {
    const vault = azure.vault(VAULT);
    vault.grants.remove(SEALER);
    vault.grants.add({ client: SEALER, action, name: name() });

    const { status, body } = await call(azure, `${id}/${operation}`, { alg: 'RSA-OAEP-256', value: 'AA' }, token);

    expect(status).toBe(403);
    expect(body).toMatchObject({ error: { code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } } });
  });

  test('refuses the key of another role assignment', async () => {
    const vault = azure.vault(VAULT);
    vault.grants.remove(SEALER);
    vault.grants.add({ client: SEALER, action: 'keys/wrap', name: 'another' });

    expect((await wrapped()).status).toBe(403);
    vault.grants.add({ client: SEALER, action: 'keys/wrap' });
    expect((await wrapped()).status).toBe(200);
  });

  test.each([
    ['another algorithm', { alg: 'RSA1_5', value: 'AAAA' }],
    ['AES for an RSA key', { alg: 'A256GCM', value: 'AAAA' }],
    ['base64 with padding', { alg: 'RSA-OAEP-256', value: 'AAA=' }],
    ['no value', { alg: 'RSA-OAEP-256' }],
    ['a value that is too long', { alg: 'RSA-OAEP-256', value: b64(Buffer.alloc(191)) }],
    ['what is not JSON', '{'],
  ])('refuses to wrap %s', async (_what, body) => {
    expect(await call(azure, `${id}/wrapkey`, body, token)).toMatchObject({
      status: 400,
      body: { error: { code: 'BadParameter' } },
    });
  });

  test.each([0, 255, 256, 257])('refuses to unwrap %i bytes that it never wrapped', async (length) => {
    const body = { alg: 'RSA-OAEP-256', value: b64(Buffer.alloc(length, 1)) };

    expect(await call(azure, `${id}/unwrapkey`, body, token)).toMatchObject({
      status: 400,
      body: { error: { code: 'BadParameter' } },
    });
  });

  test.each(['', 'api-version=7.7', 'api-version=6.0'])('refuses a request with the query %j', async (query) => {
    expect((await call(azure, id, undefined, token, query)).status).toBe(400);
  });

  test('unwraps with each of its versions, and wraps with the newest if none is named', async () => {
    const { body: sealed } = await wrapped();
    const next = await azure.vault(VAULT).keys.rotate(name());
    const unversioned = next.slice(0, next.lastIndexOf('/'));

    const opened = await call(azure, `${id}/unwrapkey`, { alg: 'RSA-OAEP-256', value: sealed.value }, token);
    const newest = await call(azure, unversioned, undefined, token);

    expect(opened.status).toBe(200);
    expect(newest.body).toMatchObject({ key: { kid: next } });
    expect(next).not.toBe(id);
  });

  test('refuses to unwrap with a disabled RSA key until it is enabled, but wraps with it', async () => {
    const { keys } = azure.vault(VAULT);
    keys.setEnabled(name(), false);

    const sealed = await wrapped();
    const unwrap = () => call(azure, `${id}/unwrapkey`, { alg: 'RSA-OAEP-256', value: sealed.body.value }, token);

    expect(sealed.status).toBe(200);
    expect(await unwrap()).toMatchObject({ status: 403, body: { error: { innererror: { code: 'KeyDisabled' } } } });
    keys.setEnabled(name(), true);
    expect((await unwrap()).status).toBe(200);
  });

  test('finds no deleted key until it is recovered, and keeps its name', async () => {
    const { keys } = azure.vault(VAULT);
    keys.delete(name());

    expect(await wrapped()).toMatchObject({ status: 404, body: { error: { code: 'KeyNotFound' } } });
    await expect(keys.create({ name: name(), spec: RSA, material: MATERIAL })).rejects.toMatchObject({ status: 409 });
    keys.recover(name());
    expect((await wrapped()).status).toBe(200);
  });

  test('destroys a deleted key for good, unless it has purge protection', async () => {
    const { keys } = azure.vault(VAULT);
    keys.delete(name());
    keys.purge(name());

    expect(() => keys.recover(name())).toThrow('was not found');
    const kept = createAzure(issuer, undefined, true);
    const keptId = await createKey(kept, VAULT, { spec: RSA, material: MATERIAL });
    const keptName = keptId.split('/').at(-2) ?? '';
    kept.vault(VAULT).keys.delete(keptName);
    expect(() => kept.vault(VAULT).keys.purge(keptName)).toThrow('Purge protection');
  });

  test('finds no unknown key, version, or path', async () => {
    const { url } = azure.vault(VAULT);
    azure.vault(VAULT).grants.add({ client: SEALER, action: 'keys/read' });

    for (const path of [
      '/keys/unknown',
      `/keys/${name()}/${'0'.repeat(32)}`,
      '/certificates/a',
      `/keys/${name()}/1/2/3`,
    ]) {
      expect((await call(azure, url + path, undefined, token)).status).toBe(404);
    }
  });
});

describe('a managed HSM', () => {
  let azure: AzureStandIn;
  let id: string;
  let token: string;
  beforeEach(async () => {
    azure = createAzure(issuer);
    id = await createKey(azure, HSM, { spec: AES });
    token = await logIn(azure, OPENER, HSM);
  });

  test('encrypts and decrypts with A256GCM, additional data and an IV of its own', async () => {
    const [value, aad] = [b64(randomBytes(32)), b64(Buffer.from('context'))];
    const seal = () => call(azure, `${id}/encrypt`, { alg: 'A256GCM', value, aad }, token);

    const [one, two] = [await seal(), await seal()];
    const { iv, tag, value: sealed } = one.body;
    const opened = await call(azure, `${id}/decrypt`, { alg: 'A256GCM', value: sealed, iv, tag, aad }, token);

    expect(opened).toMatchObject({ status: 200, body: { kid: id, value } });
    expect(two.body.iv).not.toBe(iv);
    const other = { alg: 'A256GCM', value: sealed, iv, tag, aad: b64(Buffer.from('other')) };
    expect((await call(azure, `${id}/decrypt`, other, token)).body).toMatchObject({ error: { code: 'BadParameter' } });
  });

  test.each([
    ['without an iv', { iv: undefined }],
    ['without a tag', { tag: undefined }],
    ['with a short tag', { tag: 'AAAAAA' }],
    ['without its additional data', { aad: undefined }],
  ])('refuses to decrypt %s', async (_what, changes) => {
    const { body } = await call(azure, `${id}/encrypt`, { alg: 'A256GCM', value: 'AAAA', aad: 'AAAA' }, token);

    const reply = await call(azure, `${id}/decrypt`, { alg: 'A256GCM', ...body, aad: 'AAAA', ...changes }, token);

    expect(reply.status).toBe(400);
  });

  test('refuses an IV of the caller, a wrap, and an algorithm of RSA', async () => {
    for (const [operation, body, status] of [
      ['encrypt', { alg: 'A256GCM', value: 'AAAA', iv: 'AAAA' }, 400],
      ['wrapkey', { alg: 'A256GCM', value: 'AAAA' }, 403],
      ['encrypt', { alg: 'RSA-OAEP-256', value: 'AAAA' }, 400],
    ] as const) {
      expect((await call(azure, `${id}/${operation}`, body, token)).status).toBe(status);
    }
  });
});

describe('the keys of a vault in a folder', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'azure-keys-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('survive a restart, with versions and states, in a file of their owner only', async () => {
    const first = createAzure(issuer, dir);
    const id = await createKey(first, VAULT, { spec: RSA, material: MATERIAL });
    const name = id.split('/').at(-2) ?? '';
    const { body } = await call(
      first,
      `${id}/wrapkey`,
      { alg: 'RSA-OAEP-256', value: 'AAAA' },
      await logIn(first, SEALER),
    );
    first.vault(VAULT).keys.setEnabled(name, false);

    const second = createAzure(issuer, dir);
    const { grants, keys } = second.vault(VAULT);
    grants.add({ client: SEALER, action: 'keys/unwrap' });
    const open = async () =>
      call(second, `${id}/unwrapkey`, { alg: 'RSA-OAEP-256', value: body.value }, await logIn(second, SEALER));

    expect((await open()).status).toBe(403);
    keys.setEnabled(name, true);
    expect((await open()).body).toEqual({ kid: id, value: 'AAAA' });
    expect(statSync(join(dir, `${VAULT}.keys.json`)).mode & 0o777).toBe(0o600);
  });
});
