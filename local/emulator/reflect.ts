/**
 * Adds three metadata functions to `Reflect`: a container in `@peculiar/x509` refuses to load without them. They are
 * enough because no class here has decorators. Import this file before that package.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

function own(target: object): Map<unknown, unknown> {
  const existing = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, existing);
  return existing;
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
    if (metadata.get(at)?.has(key)) return getOwnMetadata(key, at);
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  own(target).set(key, value);
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { getMetadata, getOwnMetadata, defineMetadata });
