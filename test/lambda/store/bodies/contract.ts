import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { BodyStore } from '../../../../lambda/store/bodies/body-store';

const signal = () => AbortSignal.timeout(10_000);

/** Returns the ids of all pages. */
export async function allOf(store: BodyStore): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.list(after, signal());
    ids.push(...page.recordIds);
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

/** The contract of every body store; `store` has an environment of its own, `neighbour` another one in the same place. */
export function describeBodyStore(store: () => BodyStore, neighbour: () => BodyStore): void {
  test.each(['short', 'longest'])('a %s body is read as it was written', async (which) => {
    const body = randomBytes(which === 'short' ? 1 : store().maxBytes);
    const id = randomUUID();
    const version = await store().put(id, body, signal());
    await expect(store().get(id, version, signal())).resolves.toEqual(body);
  });

  test('an entry is never changed by a second body under its id', async () => {
    const [id, body] = [randomUUID(), randomBytes(60)];
    const version = await store().put(id, body, signal());
    const second = await store()
      .put(id, randomBytes(60), signal())
      .catch((error: unknown) => error);
    if (second instanceof Error) expect(second.name).toBe('Conflict');
    else expect(second).not.toBe(version);
    await expect(store().get(id, version, signal())).resolves.toEqual(body);
  });

  test('an entry, or a version, that does not exist is undefined', async () => {
    const id = randomUUID();
    await expect(store().get(id, '1', signal())).resolves.toBeUndefined();
    const version = await store().put(id, randomBytes(60), signal());
    const other = `${version.slice(0, -1)}${version.endsWith('2') ? '3' : '2'}`;
    await expect(store().get(id, other, signal())).resolves.toBeUndefined();
  });

  test('a destroyed entry can’t be read, and is not listed', async () => {
    const id = randomUUID();
    const version = await store().put(id, randomBytes(60), signal());
    await store().destroy(id, signal());
    await expect(store().get(id, version, signal())).resolves.toBeUndefined();
    expect(await allOf(store())).not.toContain(id);
  });

  test('destroying twice, or what does not exist, is no error', async () => {
    const id = randomUUID();
    await store().destroy(id, signal());
    await store().put(id, randomBytes(60), signal());
    await store().destroy(id, signal());
    await store().destroy(id, signal());
  });

  test('a list has every entry of its environment over all pages, and no other', async () => {
    const ids = Array.from({ length: 28 }, () => randomUUID());
    const other = randomUUID();
    await neighbour().put(other, randomBytes(10), signal());
    for (const id of ids) await store().put(id, randomBytes(10), signal());
    const found = await allOf(store());
    expect(found).toEqual(expect.arrayContaining(ids));
    expect(found).not.toContain(other);
    expect(new Set(found).size).toBe(found.length);
  });

  test('a body of another environment’s record is not found', async () => {
    const id = randomUUID();
    const version = await neighbour().put(id, randomBytes(60), signal());
    await expect(store().get(id, version, signal())).resolves.toBeUndefined();
  });
}
