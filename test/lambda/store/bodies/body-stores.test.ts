import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { BODY_PREFIX, type BodyStoreDescription } from '../../../../lambda/contract/elsewhere';
import type { BodyStore } from '../../../../lambda/store/bodies/body-store';
import { createBodyStore } from '../../../../lambda/store/bodies/create';
import { AwsError } from '../../../../local/emulator/services/errors';
import { allOf, describeBodyStore } from './contract';
import { BodyServices, DESCRIPTIONS } from './elsewhere';
import { MemoryBodies } from './memory-bodies';

let services: BodyServices;
beforeAll(async () => {
  services = await new BodyServices().start();
});
afterAll(() => services.close());

const signal = () => AbortSignal.timeout(10_000);
const open = (description: BodyStoreDescription, environment = 'dev') => createBodyStore(description, environment);
/** As a store that was opened once is used: its logins are kept. */
const once = (make: () => BodyStore) => {
  let made: BodyStore | undefined;
  return () => (made ??= make());
};

describe('the store in memory as a body store', () => {
  describeBodyStore(once(() => new MemoryBodies()), once(() => new MemoryBodies())); // prettier-ignore
});

describe.each(Object.values(DESCRIPTIONS))('$type as a body store', (description) => {
  describeBodyStore(once(() => open(description)), once(() => open(description, 'prod'))); // prettier-ignore
});

describe('AWS Secrets Manager as a body store', () => {
  const description = DESCRIPTIONS['secrets-manager'];

  test('a creation whose response was lost is repeated, and finds its own entry', async () => {
    const [store, id, body] = [open(description), randomUUID(), randomBytes(60)];
    const handle = services.secrets.handle.bind(services.secrets);
    services.secrets.handle = (call) => {
      services.secrets.handle = handle;
      handle(call);
      throw new Error('the response is lost');
    };
    await expect(store.put(id, body, signal())).resolves.toBe(id);
    await expect(store.get(id, id, signal())).resolves.toEqual(body);
  });

  test('a repeated creation is its own entry’s also if AWS says that the name exists', async () => {
    const [store, id] = [open(description), randomUUID()];
    const handle = services.secrets.handle.bind(services.secrets);
    services.secrets.handle = (call) => {
      services.secrets.handle = () => {
        services.secrets.handle = handle;
        throw new AwsError('ResourceExistsException', 'exists');
      };
      handle(call);
      throw new Error('the response is lost');
    };
    await expect(store.put(id, randomBytes(60), signal())).resolves.toBe(id);
  });

  test('waits while AWS throttles, which it says with status 400', async () => {
    const store = open(description);
    services.secrets.faults.set({ operation: 'CreateSecret', error: 'throttle', times: 2 });
    await expect(store.put(randomUUID(), randomBytes(60), signal())).resolves.toEqual(expect.any(String));
  });

  test('a destroyed name is taken until the end of its window', async () => {
    const [store, id] = [open(description), randomUUID()];
    await store.put(id, randomBytes(60), signal());
    await store.destroy(id, signal());
    await expect(store.put(id, randomBytes(60), signal())).rejects.toThrowWithCode('StoreUnavailable');
  });

  test('without a window an entry is destroyed at once', async () => {
    const [store, id] = [open({ ...description, recoveryDays: 0 }), randomUUID()];
    await store.put(id, randomBytes(60), signal());
    await store.destroy(id, signal());
    expect(services.secrets.arnOf(`${BODY_PREFIX.path('dev')}${id}`)).toBeDefined();
    await expect(store.get(id, id, signal())).resolves.toBeUndefined();
    expect(services.secrets.arnOf(`${BODY_PREFIX.path('dev')}${id}`)).toBeUndefined();
  });

  test.each(['drop', '500', 'throttle'] as const)('is unavailable while AWS responds with %s', async (error) => {
    services.secrets.faults.set({ error });
    const storing = open(description).put(randomUUID(), randomBytes(60), AbortSignal.timeout(3_000));
    await expect(storing).rejects.toThrowWithCode('StoreUnavailable');
    services.secrets.faults.clear();
  });
});

describe('Azure Key Vault as a body store', () => {
  const description = DESCRIPTIONS['azure-key-vault'];

  test('a destroyed name is taken, until the secret is purged', async () => {
    const [store, id] = [open(description), randomUUID()];
    await store.put(id, randomBytes(60), signal());
    await store.destroy(id, signal());
    await expect(store.put(id, randomBytes(60), signal())).rejects.toThrowWithCode('Conflict');
    await open({ ...description, purge: true }).destroy(id, signal());
    await expect(store.put(id, randomBytes(60), signal())).resolves.toEqual(expect.any(String));
  });
});

describe('Google Secret Manager as a body store', () => {
  test('with a delay an entry is readable until its end, and not listed any more', async () => {
    const store = open({ ...DESCRIPTIONS['google-secret-manager'], destroyDelayDays: 7 });
    const [id, body] = [randomUUID(), randomBytes(60)];
    const version = await store.put(id, body, signal());
    await store.destroy(id, signal());
    expect(await allOf(store)).not.toContain(id);
    await expect(store.get(id, version, signal())).resolves.toEqual(body);
  });
});

describe('HashiCorp Vault as a body store', () => {
  test('is unavailable to a role without a policy', async () => {
    const { policies } = services.vault;
    services.vault.policies = {};
    const storing = open(DESCRIPTIONS['vault-kv']).put(randomUUID(), randomBytes(60), signal());
    await expect(storing).rejects.toThrowWithCode('StoreUnavailable');
    services.vault.policies = policies;
  });

  test('a creation whose response was lost is repeated, and finds its own entry', async () => {
    const [store, id, body] = [open(DESCRIPTIONS['vault-kv']), randomUUID(), randomBytes(60)];
    const respond = services.vault.respond.bind(services.vault);
    services.vault.respond = async (request) => {
      const response = await respond(request);
      if (!request.url.pathname.includes('/data/')) return response;
      services.vault.respond = respond;
      return undefined;
    };
    await expect(store.put(id, body, signal())).resolves.toBe('1');
    await expect(store.get(id, '1', signal())).resolves.toEqual(body);
  });
});
