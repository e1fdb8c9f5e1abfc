import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import type { WrappedDataKey } from '../../../../lambda/message';
import type { StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';
import { AzureServer, OPENER, SEALER, TENANT } from '../../../local/emulator/elsewhere/azure/support';
import { withoutPauses } from '../../../support/without-pauses';
import { BACKENDS, type Backend, startAzureKeys } from './azure-support';

withoutPauses();

const CONTEXT = new Map([['environment', 'dev']]);
const LOGIN = 'login.microsoftonline.com';
const soon = () => AbortSignal.timeout(30_000);

function* chunksOf(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536, 'a');
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

const server = new AzureServer();
beforeAll(async () => {
  await server.start();
});
afterAll(() => server.close());

describe.each(Object.keys(BACKENDS) as Backend[])('%s', (backend) => {
  let keys: Awaited<ReturnType<typeof startAzureKeys>>;
  let wrapped: WrappedDataKey;
  let dataKey: Buffer;
  /** operations of the vault since the data key was wrapped, without logins */
  let calls: string[];

  beforeEach(async () => {
    keys = await startAzureKeys(server, backend);
    const made = await keys.key.wrapNewDataKey(CONTEXT, soon());
    const [only] = made.wrapped;
    if (only === undefined) throw new Error('expected a wrapped data key, got none');
    [wrapped, dataKey, calls] = [only, made.plaintext, []];
    intercept((_response) => undefined);
  });

  /** Replaces responses of the vault: the function gets Azure's own. */
  function intercept(alter: (response: StandInResponse, count: number) => StandInResponse | undefined): void {
    calls = [];
    keys.azure.interceptor = async ({ url }, respond) => {
      const response = await respond();
      if (url.hostname === LOGIN) return response;
      calls.push(url.pathname.split('/').at(-1) ?? '');
      return alter(response, calls.length) ?? response;
    };
  }
  const json = (body: object, status = 200): StandInResponse => ({ status, body });
  const refuse = (status: number, code: string): StandInResponse => json({ error: { code, message: code } }, status);
  const bodyOf = ({ body }: StandInResponse) => body as Record<string, unknown>;
  const wrap = () => keys.key.wrapNewDataKey(CONTEXT, soon());
  const unwrap = (signal = soon()) => keys.key.unwrapDataKey([wrapped], CONTEXT, signal);

  test.each<[string, (response: StandInResponse, id: string) => StandInResponse, string]>([
    [
      'of another version',
      (response, id) => json({ ...bodyOf(response), kid: `${id.slice(0, -1)}x` }),
      'KeyUnavailable',
    ],
    ['of another key', (response) => json({ ...bodyOf(response), kid: 'https://a.vault.azure.net/keys/b/c' }), 'KeyUnavailable'], // prettier-ignore
    ['of no key', (response) => json({ ...bodyOf(response), kid: undefined }), 'KeyUnavailable'],
    ['without a value', (response) => json({ ...bodyOf(response), value: undefined }), 'KeyUnreachable'],
    ['with an empty value', (response) => json({ ...bodyOf(response), value: '' }), 'KeyUnreachable'],
    ['with base64 that is padded', (response) => json({ ...bodyOf(response), value: 'AAA=' }), 'KeyUnreachable'],
    ['with white space in the value', (response) => json({ ...bodyOf(response), value: 'AA AA' }), 'KeyUnreachable'],
    ['with a number as the value', (response) => json({ ...bodyOf(response), value: 1 }), 'KeyUnreachable'],
    ['that is not JSON', () => ({ status: 200, body: '<html>' }), 'KeyUnreachable'],
    ['that is empty', () => ({ status: 200 }), 'KeyUnreachable'],
    ['of 100 MiB', () => ({ status: 200, body: Readable.from(chunksOf(104_857_600)) }), 'KeyUnreachable'],
    ['that redirects', () => ({ status: 307, headers: { location: 'https://a.vault.azure.net/' } }), 'KeyUnreachable'],
  ])('refuses a response %s', async (_what, alter, code) => {
    intercept((response) => alter(response, keys.id));

    await expect(wrap()).rejects.toThrowWithCode(code);
    await expect(unwrap()).rejects.toThrowWithCode(code);
  });

  test('refuses bytes of another length', async () => {
    intercept((response) => json({ ...bodyOf(response), value: 'AAAA' }));

    await expect(wrap()).rejects.toThrowWithCode('KeyUnreachable');
    await expect(unwrap()).rejects.toThrowWithCode('ContextMismatch');
  });

  test.each([
    [403, 'Forbidden', 'KeyUnavailable'],
    [404, 'KeyNotFound', 'KeyUnavailable'],
    [409, 'Conflict', 'KeyUnavailable'],
    [405, 'MethodNotAllowed', 'KeyUnavailable'],
    [429, 'Throttled', 'KeyThrottled'],
    [500, 'InternalServerError', 'KeyUnreachable'],
    [503, 'ServiceUnavailable', 'KeyUnreachable'],
  ])('maps the status %i to its code', async (status, reason, code) => {
    intercept(() => refuse(status, reason));

    await expect(wrap()).rejects.toThrowWithCode(code);
    await expect(unwrap()).rejects.toThrowWithCode(code);
  });

  test('maps a refused value to a mismatch for an opening only', async () => {
    intercept(() => refuse(400, 'BadParameter'));

    await expect(unwrap()).rejects.toThrowWithCode('ContextMismatch');
    await expect(wrap()).rejects.toThrowWithCode('KeyUnavailable');
  });

  test('tries three times and no more, and a permanent refusal once', async () => {
    intercept(() => refuse(503, 'ServiceUnavailable'));
    await expect(unwrap()).rejects.toThrowWithCode('KeyUnreachable');
    expect(calls).toHaveLength(3);

    intercept(() => refuse(404, 'KeyNotFound'));
    await expect(unwrap()).rejects.toThrowWithCode('KeyUnavailable');
    expect(calls).toHaveLength(1);
  });

  test('does not wait for a time of Retry-After that is not left', async () => {
    intercept(() => ({ ...refuse(429, 'Throttled'), headers: { 'retry-after': '60' } }));

    await expect(unwrap(deadlineIn(5_000).signal)).rejects.toThrowWithCode('KeyThrottled');

    expect(calls).toHaveLength(1);
  });

  test('logs in again once if its token is refused, with a new web identity token', async () => {
    const { tokens } = server;
    intercept((_response, count) => (count === 1 ? refuse(401, 'Unauthorized') : undefined));

    expect(await unwrap()).toEqual(dataKey);

    expect(calls).toHaveLength(2);
    expect(server.tokens).toBe(tokens + 1);
  });

  test('heals from a token that ended in mid-call', async () => {
    keys.azure.directory.revokeTokens();

    expect(await unwrap()).toEqual(dataKey);
  });

  test('is unavailable if its token is refused twice', async () => {
    intercept(() => refuse(401, 'Unauthorized'));

    await expect(unwrap()).rejects.toThrowWithCode('KeyUnavailable');

    expect(calls).toHaveLength(2);
  });

  test('logs in once for many calls, also at the same time', async () => {
    const { tokens } = server;
    keys.azure.directory.revokeTokens();
    const { id } = keys;
    const key = BACKENDS[backend].create({ key: id, tenant: TENANT, client: OPENER });

    await Promise.all([wrap, wrap, wrap].map(() => key.wrapNewDataKey(CONTEXT, soon())));
    await key.unwrapDataKey([wrapped], CONTEXT, soon());

    expect(server.tokens).toBe(tokens + 1);
  });

  test('is unavailable to an application without the right, each right by itself', async () => {
    const { grants } = keys.azure.vault(BACKENDS[backend].host);
    const [sealing, opening] =
      backend === 'azure-key-vault' ? (['wrap', 'unwrap'] as const) : (['encrypt', 'decrypt'] as const);
    for (const client of [SEALER, OPENER]) grants.remove(client);
    grants.add({ client: SEALER, action: `keys/${sealing}` }, { client: OPENER, action: `keys/${opening}` });
    const sealer = BACKENDS[backend].create({ key: keys.id, tenant: TENANT, client: SEALER });

    const { wrapped: sealed } = await sealer.wrapNewDataKey(CONTEXT, soon());

    await expect(sealer.unwrapDataKey(sealed, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    await expect(wrap()).rejects.toThrowWithCode('KeyUnavailable');
    expect(await keys.key.unwrapDataKey(sealed, CONTEXT, soon())).toHaveLength(32);
  });

  test('asks for nothing but the operation, at the version that wrapped', async () => {
    const urls: string[] = [];
    keys.azure.interceptor = (request, respond) => {
      urls.push(`${request.method} ${request.url.href}`);
      return respond();
    };
    await keys.rotate();

    await wrap();
    await unwrap();

    const [sealing, opening] = backend === 'azure-key-vault' ? ['wrapkey', 'unwrapkey'] : ['encrypt', 'decrypt'];
    expect(urls).toEqual([sealing, opening].map((each) => `POST ${keys.id}/${each}?api-version=7.6`));
  });

  test('opens with an earlier version after its configuration names the next one', async () => {
    const { host, create } = BACKENDS[backend];
    const name = keys.id.split('/').at(-2) ?? '';
    const next = create({ key: await keys.azure.vault(host).keys.rotate(name), tenant: TENANT, client: OPENER });

    expect(await next.unwrapDataKey([wrapped], CONTEXT, soon())).toEqual(dataKey);
    expect(next.keyId).toBe(keys.key.keyId);
    const { wrapped: [sealed] } = await next.wrapNewDataKey(CONTEXT, soon()); // prettier-ignore
    expect(Buffer.from(sealed?.providerInfo ?? []).toString()).not.toBe(keys.id);
  });

  test('names the versioned key in the wrapped data key, and the key without a version in records', () => {
    expect(Buffer.from(wrapped.providerInfo).toString()).toBe(keys.id);
    expect(wrapped.providerId).toBe(backend);
    expect(keys.key.keyId).toBe(keys.id.slice(0, keys.id.lastIndexOf('/')));
  });

  test.each([
    ['without a version', (id: string) => id.slice(0, id.lastIndexOf('/'))],
    ['with a path after the version', (id: string) => `${id}/`],
    ['with a query', (id: string) => `${id}?api-version=7.0`],
    ['over HTTP', (id: string) => id.replace('https', 'http')],
    ['of another host', (id: string) => id.replace('azure.net', 'example.com')],
    [
      'of the other kind',
      (id: string) =>
        id.includes('.vault.') ? id.replace('.vault.', '.managedhsm.') : id.replace('.managedhsm.', '.vault.'),
    ],
    ['with a user', (id: string) => id.replace('https://', 'https://me@')],
  ])('refuses the id of a key %s', (_what, change) => {
    const key = change(keys.id);

    expect(() => BACKENDS[backend].create({ key, tenant: TENANT, client: OPENER })).toThrowWithCode('Misconfigured');
  });

  /** A body that begins and then stalls, or breaks off. */
  const begin = (end?: (body: PassThrough) => void): StandInResponse => {
    const body = new PassThrough();
    body.write('{', () => end?.(body));
    return { status: 200, body };
  };

  test.each<[string, () => Promise<StandInResponse>]>([
    ['the headers', () => new Promise(() => undefined)],
    ['the body', async () => begin()],
  ])('fails in time if the service stalls in %s', async (_where, stall) => {
    keys.azure.interceptor = stall;

    await expect(unwrap(deadlineIn(600).signal)).rejects.toThrowWithCode('KeyTimeout');
  });

  test('tries again after an attempt whose body stalls', async () => {
    intercept((_response, count) => (count === 1 ? begin() : undefined));

    expect(await unwrap(deadlineIn(3_000).signal)).toEqual(dataKey);
  });

  test('is unreachable if a body breaks off', async () => {
    intercept(() => begin((body) => body.destroy(new Error('cut'))));

    await expect(unwrap()).rejects.toThrowWithCode('KeyUnreachable');
  });

  test('names no value, token or message of the service in its errors', async () => {
    intercept(() => refuse(403, 'the service quotes the request'));

    const error = await unwrap().catch((caught: unknown) => caught);

    expect(String(error)).toBe('KeyUnavailable: expected azure to do as asked, got status 403');
    expect(error).not.toHaveProperty('cause', expect.anything());
  });
});
