import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { createBodyStore } from '../../../../lambda/store/bodies/create';
import type { StandIn, StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';
import { BodyServices, DESCRIPTIONS } from './elsewhere';

let services: BodyServices;
let restore: (() => void) | undefined;
beforeAll(async () => {
  services = await new BodyServices().start();
});
afterEach(() => {
  restore?.();
  restore = undefined;
});
afterAll(() => services.close());

const signal = () => deadlineIn(5_000).signal;
const SERVICES = [
  ['google-secret-manager', () => services.google],
  ['azure-key-vault', () => services.azure],
  ['vault-kv', () => services.vault],
] as const;
const FAULTS = [
  ['status 403', () => ({ status: 403, body: {} })],
  ['status 429', () => ({ status: 429, headers: { 'retry-after': '60' }, body: {} })],
  ['status 500', () => ({ status: 500, body: {} })],
  ['a redirect', () => ({ status: 302, headers: { location: 'https://evil.example' }, body: {} })],
  ['JSON without members', () => ({ status: 200, body: {} })],
  ['a list', () => ({ status: 200, body: [] })],
] as const satisfies readonly (readonly [string, () => StandInResponse])[];

/** Changes the responses to requests of the service, not those to logins. */
function respondWith(service: StandIn, change: (response: StandInResponse) => StandInResponse): void {
  const respond = service.respond.bind(service);
  service.respond = async (request) => {
    const response = await respond(request);
    return response === undefined || request.url.pathname.endsWith('/login') ? response : change(response);
  };
  restore = () => (service.respond = respond);
}

/** Replaces a text in a response. */
const replacing =
  (from: string | RegExp, to: string) =>
  (response: StandInResponse): StandInResponse => ({
    ...response,
    body: JSON.parse(JSON.stringify(response.body ?? {}).replace(from, to)) as object,
  });

describe.each(SERVICES)('a body store of type %s', (type, service) => {
  const open = () => createBodyStore(DESCRIPTIONS[type], 'dev');
  const stored = async () => {
    const [id, body] = [randomUUID(), randomBytes(60)];
    return { id, body, version: await open().put(id, body, signal()) };
  };

  test.each(FAULTS)('is unavailable for put, get and destroy if it responds with %s', async (_what, fault) => {
    const { id, version } = await stored();
    respondWith(service(), fault);
    const failing = async (call: Promise<unknown>) =>
      call.then(
        () => 'done',
        (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
      );
    await expect(failing(open().put(randomUUID(), randomBytes(60), signal()))).resolves.toMatch(
      /^(StoreUnavailable|Misconfigured)$/,
    );
    await expect(failing(open().get(id, version, signal()))).resolves.toBe('StoreUnavailable');
    // the body of a response that says it was destroyed is not read
    if (fault().status !== 200) await expect(failing(open().destroy(id, signal()))).resolves.toBe('StoreUnavailable');
  });

  test('is unavailable if it responds with the body of another version', async () => {
    const { id, version } = await stored();
    const other = version.length === 1 ? '7' : version.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    const pattern = type === 'vault-kv' ? /"version":\d+/ : version.length === 1 ? /versions\/\d/ : version;
    respondWith(service(), replacing(pattern, type === 'vault-kv' ? '"version":7' : version.length === 1 ? `versions/${other}` : other)); // prettier-ignore
    await expect(open().get(id, version, signal())).rejects.toThrowWithCode('StoreUnavailable');
  });

  test('is unavailable if it responds with the entry of another record', async () => {
    if (type === 'vault-kv') return; // its responses name no entry
    const { id, version } = await stored();
    respondWith(service(), replacing(new RegExp(id, 'g'), randomUUID()));
    await expect(open().get(id, version, signal())).rejects.toThrowWithCode('StoreUnavailable');
    await expect(
      open()
        .put(randomUUID(), randomBytes(60), signal())
        .then(() => 'stored'),
    ).resolves.toBe('stored');
  });

  test('is unavailable if the value is not base64', async () => {
    const { id, body, version } = await stored();
    respondWith(service(), replacing(body.toString('base64'), '%%%%'));
    await expect(open().get(id, version, signal())).rejects.toThrowWithCode('StoreUnavailable');
  });

  test('finds nothing by a version that is none of the service’s', async () => {
    const { id } = await stored();
    for (const version of ['', '0', '1/../2', '01', 'latest', 'x'.repeat(64)]) {
      await expect(open().get(id, version, signal())).resolves.toBeUndefined();
    }
  });

  test('can’t be listed if the list is no list', async () => {
    respondWith(service(), () => ({ status: 200, body: { value: 'x', secrets: 'x', data: { keys: 'x' } } }));
    await expect(open().list(undefined, signal())).rejects.toThrowWithCode('StoreUnavailable');
  });

  test('lists no entry whose name only begins or ends like those of records', async () => {
    const { id } = await stored();
    respondWith(service(), replacing(new RegExp(id, 'g'), `${id}x`));
    const { recordIds } = await open().list(undefined, signal());
    expect(recordIds.filter((each) => each.startsWith(id))).toEqual([]);
  });
});

test('the checksum of a body in Google Secret Manager is compared', async () => {
  const store = createBodyStore(DESCRIPTIONS['google-secret-manager'], 'dev');
  const id = randomUUID();
  const version = await store.put(id, randomBytes(60), signal());
  respondWith(services.google, replacing(/"dataCrc32c":"\d+"/, '"dataCrc32c":"1"'));
  await expect(store.get(id, version, signal())).rejects.toThrowWithCode('StoreUnavailable');
});

test('a body that Google Secret Manager stored without looking at its checksum is refused', async () => {
  const store = createBodyStore(DESCRIPTIONS['google-secret-manager'], 'dev');
  respondWith(services.google, replacing('"clientSpecifiedPayloadChecksum":true', '"clientSpecifiedPayloadChecksum":false')); // prettier-ignore
  await expect(store.put(randomUUID(), randomBytes(60), signal())).rejects.toThrowWithCode('StoreUnavailable');
});

test.each([
  'https://evil.example/secrets?$skiptoken=1',
  'https://sharevault-dev.vault.azure.net.evil.example/secrets?$skiptoken=1',
  'https://sharevault-dev.vault.azure.net:444/secrets?$skiptoken=1',
  'http://sharevault-dev.vault.azure.net/secrets?$skiptoken=1',
  'https://sharevault-dev.vault.azure.net/deletedsecrets?$skiptoken=1',
  '/secrets?$skiptoken=1',
])('a list of Azure Key Vault whose next page is at %s is not followed', async (nextLink) => {
  respondWith(services.azure, () => ({ status: 200, body: { value: [], nextLink } }));
  const listing = createBodyStore(DESCRIPTIONS['azure-key-vault'], 'dev').list(undefined, signal());
  await expect(listing).rejects.toThrowWithCode('StoreUnavailable');
});
