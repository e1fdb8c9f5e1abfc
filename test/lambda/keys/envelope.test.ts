import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { materialOfAll, openBytes, sealBytes, sealOpening } from '../../../lambda/keys/envelope';
import type { KeyProvider } from '../../../lambda/keys/provider';

const CONTEXT = new Map([['field', 'delegated_share']]);
const { signal } = new AbortController();

/** Does not wrap, and keeps the data keys that it returned, so that a test sees whether they are wiped. */
const MATERIAL = 'ab'.repeat(32);

class WatchedKey implements KeyProvider {
  readonly providerId = 'test';
  readonly keyId = 'key';
  readonly handedOut: Buffer[] = [];
  unwraps = 0;
  readonly #dataKey = randomBytes(32);

  async wrapNewDataKey() {
    const wrapped = { providerId: this.providerId, providerInfo: Buffer.from('key'), ciphertext: randomBytes(48) };
    return { plaintext: this.#handOut(), wrapped: [wrapped], materialId: MATERIAL };
  }

  async unwrapDataKey() {
    this.unwraps += 1;
    return this.#handOut();
  }

  #handOut(): Buffer {
    const dataKey = Buffer.from(this.#dataKey);
    this.handedOut.push(dataKey);
    return dataKey;
  }
}

const WIPED = Buffer.alloc(32);
let key: WatchedKey;
beforeEach(() => {
  key = new WatchedKey();
});

const seal = async (material: Uint8Array) => (await sealBytes(material, CONTEXT, key, signal)).message;

async function sealedTampered(): Promise<Buffer> {
  const sealed = await seal(randomBytes(60));
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  return sealed;
}

describe('the data key is wiped', () => {
  test('once a material is sealed, but not the material', async () => {
    const material = randomBytes(60);
    const before = Buffer.from(material);

    await seal(material);

    expect(key.handedOut).toEqual([WIPED]);
    expect(material).toEqual(before);
  });

  test('if a material can not be sealed', async () => {
    await expect(seal(Buffer.alloc(65_537))).rejects.toThrow(RangeError);

    expect(key.handedOut).toEqual([WIPED]);
  });

  test('once a material is opened', async () => {
    const material = randomBytes(60);
    const sealed = await seal(material);

    expect(await openBytes(sealed, CONTEXT, key, signal)).toEqual(material);

    expect(key.handedOut).toEqual([WIPED, WIPED]);
  });

  test('if a material does not open', async () => {
    const sealed = await sealedTampered();

    await expect(openBytes(sealed, CONTEXT, key, signal)).rejects.toThrowWithCode('MessageCorrupt');

    expect(key.handedOut).toEqual([WIPED, WIPED]);
  });
});

describe('a material that is being opened', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const failure = new Error('expected a ciphertext that opens');
  const sealing = (opening: Promise<Buffer>) => sealOpening(() => opening, CONTEXT, key, signal);

  test('is sealed, and wiped with the data key', async () => {
    const material = randomBytes(60);
    const before = Buffer.from(material);

    const { message, materialId } = await sealing(Promise.resolve(material));

    expect(material).toEqual(Buffer.alloc(60));
    expect(key.handedOut).toEqual([WIPED]);
    expect(materialId).toBe(MATERIAL);
    expect(await openBytes(message, CONTEXT, key, signal)).toEqual(before);
  });

  test('is not waited for before its data key is made', async () => {
    const material = randomBytes(60);
    let open: (bytes: Buffer) => void = () => undefined;
    const sealed = sealing(new Promise((resolve) => (open = resolve)));
    await turn();

    expect(key.handedOut).toHaveLength(1);
    open(material);
    await sealed;
  });

  test('costs no data key if it is refused without a call of a service', async () => {
    const refuse = () => Promise.reject(failure);

    await expect(sealOpening(refuse, CONTEXT, key, signal)).rejects.toBe(failure);

    expect(key.handedOut).toEqual([]);
  });

  test('leaves no data key if it does not open', async () => {
    const refuse = () =>
      turn()
        .then(turn)
        .then(() => Promise.reject(failure));

    await expect(sealOpening(refuse, CONTEXT, key, signal)).rejects.toBe(failure);

    expect(key.handedOut).toEqual([WIPED]);
  });

  test('aborts the call for its data key if it does not open', async () => {
    const given: AbortSignal[] = [];
    const watched: KeyProvider = key;
    jest.spyOn(watched, 'wrapNewDataKey').mockImplementation((_context, own) => {
      given.push(own);
      return new Promise((_resolve, reject) => own.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const refuse = () =>
      turn()
        .then(turn)
        .then(() => Promise.reject(failure));

    await expect(sealOpening(refuse, CONTEXT, key, signal)).rejects.toBe(failure);

    expect(given.map(({ aborted }) => aborted)).toEqual([true]);
    expect(signal.aborted).toBe(false);
  });

  test('is wiped if there is no data key', async () => {
    const material = randomBytes(60);
    const broken = new Error('expected a data key');
    jest.spyOn(key, 'wrapNewDataKey').mockRejectedValue(broken);

    await expect(sealing(Promise.resolve(material))).rejects.toBe(broken);

    expect(material).toEqual(Buffer.alloc(60));
  });

  test('fails by its own failure if there is no data key either', async () => {
    jest.spyOn(key, 'wrapNewDataKey').mockRejectedValue(new Error('expected a data key'));

    await expect(sealing(Promise.reject(failure))).rejects.toBe(failure);
  });

  test('is wiped if it can not be sealed, with the data key', async () => {
    const material = Buffer.alloc(65_537, 1);

    await expect(sealing(Promise.resolve(material))).rejects.toThrow(RangeError);

    expect(material).toEqual(Buffer.alloc(65_537));
    expect(key.handedOut).toEqual([WIPED]);
  });
});

describe('the key is not asked', () => {
  test('for a message whose header binds it to another context', async () => {
    const sealed = await seal(randomBytes(60));
    const another = new Map([['field', 'wallet_api_key']]);

    await expect(openBytes(sealed, another, key, signal)).rejects.toThrowWithCode('ContextMismatch');

    expect(key.unwraps).toBe(0);
  });

  test('for bytes that are no message', async () => {
    await expect(openBytes(randomBytes(600), CONTEXT, key, signal)).rejects.toThrowWithCode('MessageCorrupt');

    expect(key.unwraps).toBe(0);
  });
});

describe('the key material of a record', () => {
  test('is the one that a message was sealed under', async () => {
    expect((await sealBytes(randomBytes(60), CONTEXT, key, signal)).materialId).toBe(MATERIAL);
  });

  test.each([
    ['the one that both data keys have', ['a', 'a'], 'a'],
    ['unknown if a rotation came between its data keys', ['a', 'b'], ''],
    ['unknown if that of one data key is', ['a', ''], ''],
    ['unknown if that of both is', ['', ''], ''],
  ])('is %s', (_what, ids, expected) => {
    expect(materialOfAll(ids.map((materialId) => ({ materialId })))).toBe(expected);
  });
});
