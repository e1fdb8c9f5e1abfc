import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { BODY_PREFIX, type BodyStoreDescription } from '../../../../lambda/contract/elsewhere';
import type { BodyStore } from '../../../../lambda/store/bodies/body-store';
import { createBodyStore } from '../../../../lambda/store/bodies/create';
import { AwsError } from '../../../../local/emulator/services/errors';
import { allOf, describeBodyStore } from './contract';
import { BodyServices, DESCRIPTIONS, TOKEN } from './elsewhere';
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

  test('a secret that AWS refuses to delete, as one with replicas, counts as not destroyed', async () => {
    const [store, id] = [open(description), randomUUID()];
    await store.put(id, randomBytes(60), signal());
    const handle = services.secrets.handle.bind(services.secrets);
    services.secrets.handle = () => {
      throw new AwsError('InvalidParameterException', 'replica regions');
    };
    await expect(store.destroy(id, signal())).rejects.toThrowWithCode('StoreUnavailable');
    services.secrets.handle = handle;
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

describe('an Azure key vault with other settings than described', () => {
  const description = DESCRIPTIONS['azure-key-vault'];
  const withSettings = async (settings: object, act: () => Promise<unknown>) => {
    const respond = services.azure.respond.bind(services.azure);
    services.azure.respond = async (request) => {
      const response = await respond(request);
      return { ...response, body: { ...(response.body as object), attributes: settings } };
    };
    await act();
    services.azure.respond = respond;
  };
  const storing = (changes: object) =>
    open({ ...description, ...changes }).put(randomUUID(), randomBytes(60), signal());

  test.each([
    ['keeps deleted secrets for longer', { recoverableDays: 90, recoveryLevel: 'Recoverable' }, { recoveryDays: 7 }],
    ['has purge protection', { recoverableDays: 7, recoveryLevel: 'CustomizedRecoverable' }, { purge: true }],
  ])('is refused if it %s', async (_what, settings, changes) => {
    await withSettings(settings, () => expect(storing(changes)).rejects.toThrowWithCode('Misconfigured'));
  });

  test.each([
    ['keeps deleted secrets for less time', { recoverableDays: 7, recoveryLevel: 'CustomizedRecoverable' }, {}],
    [
      'is purged anyway',
      { recoverableDays: 90, recoveryLevel: 'Recoverable+Purgeable' },
      { recoveryDays: 7, purge: true },
    ],
    ['does not say it', {}, { purge: true }],
  ])('is accepted if it %s', async (_what, settings, changes) => {
    await withSettings(settings, () => expect(storing(changes)).resolves.toMatch(/^[0-9a-f]{32}$/));
  });
});

describe('Google Secret Manager as a body store', () => {
  const delayed = { ...DESCRIPTIONS['google-secret-manager'], destroyDelayDays: 7 };
  const find = async (id: string) => {
    const url = new URL(`https://secretmanager.googleapis.com/v1/projects/share-vault-dev/secrets/${BODY_PREFIX.dashed('dev')}${id}`); // prettier-ignore
    const headers = { authorization: `Bearer ${TOKEN}` };
    return services.google.respond({ method: 'GET', url, headers, body: Buffer.alloc(0) });
  };

  test('with a delay an entry exists until its end, and is neither read nor listed any more', async () => {
    const [store, id] = [open(delayed), randomUUID()];
    const version = await store.put(id, randomBytes(60), signal());
    await store.destroy(id, signal());
    expect(await allOf(store)).not.toContain(id);
    await expect(store.get(id, version, signal())).resolves.toBeUndefined();
    const { body } = await find(id);
    const { expireTime = '' } = body as { readonly expireTime?: string };
    expect((Date.parse(expireTime) - Date.now()) / 86_400_000).toBeCloseTo(7, 2);
  });

  test('with a delay a repeated destruction does not move the end', async () => {
    const [store, id] = [open(delayed), randomUUID()];
    await store.put(id, randomBytes(60), signal());
    await store.destroy(id, signal());
    const first = await find(id);
    await open({ ...delayed, destroyDelayDays: 30 }).destroy(id, signal());
    expect(await find(id)).toEqual(first);
  });

  test('with a delay every version is made unreadable, also those of a creation that was repeated', async () => {
    const [store, id] = [open(delayed), randomUUID()];
    const respond = services.google.respond.bind(services.google);
    services.google.respond = async (request) => {
      const response = await respond(request);
      if (!request.url.pathname.endsWith(':addVersion')) return response;
      services.google.respond = respond;
      return { status: 503 };
    };
    const version = await store.put(id, randomBytes(60), signal());
    expect(version).toBe('2');
    await store.destroy(id, signal());
    for (const each of ['1', '2']) await expect(store.get(id, each, signal())).resolves.toBeUndefined();
  });
});

describe('HashiCorp Vault as a body store', () => {
  test('refuses an engine that deletes versions by itself after a time', async () => {
    services.keyValue.deleteVersionAfterMs = 90 * 86_400_000;
    const storing = open(DESCRIPTIONS['vault-kv']).put(randomUUID(), randomBytes(60), signal());
    await expect(storing).rejects.toThrowWithCode('Misconfigured');
    services.keyValue.deleteVersionAfterMs = undefined;
  });

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
