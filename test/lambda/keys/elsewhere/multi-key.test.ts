import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../../lambda/contract/codes';
import { VaultError } from '../../../../lambda/contract/errors';
import { deadlineIn, remainingMs } from '../../../../lambda/invocation/deadline';
import { type MultiKeyOptions, createMultiKey } from '../../../../lambda/keys/elsewhere/multi-key';
import type { OtherKey, Wrapper } from '../../../../lambda/keys/provider';
import type { EncryptionContext, WrappedDataKey } from '../../../../lambda/message';
import { CONTEXT } from './support/recovery';

/** "Wraps" by adding a byte, so that a test sees under which key a data key is. */
class FakeKey implements OtherKey {
  readonly providerId = 'fake';
  readonly keyId: string;
  /** the data keys that it made */
  readonly made: Buffer[] = [];
  readonly contexts: EncryptionContext[] = [];
  readonly signals: AbortSignal[] = [];
  unwraps = 0;
  wraps = 0;
  /** makes each call fail */
  failure: ErrorCode | undefined;
  /** hangs until the signal aborts */
  hangs = false;

  constructor(readonly mark: number) {
    this.keyId = `key-${mark}`;
  }

  async wrapNewDataKey(context: EncryptionContext, signal: AbortSignal) {
    const plaintext = randomBytes(32);
    this.made.push(plaintext);
    return {
      plaintext,
      wrapped: [await this.wrapDataKey(plaintext, context, signal)],
      materialId: `material-${this.mark}`,
    };
  }

  async wrapDataKey(dataKey: Uint8Array, context: EncryptionContext, signal: AbortSignal): Promise<WrappedDataKey> {
    const copy = Buffer.from(dataKey);
    await this.#call(context, signal);
    this.wraps += 1;
    const ciphertext = Buffer.concat([copy, Buffer.from([this.mark])]);
    return { providerId: this.providerId, providerInfo: Buffer.from(this.keyId), ciphertext };
  }

  async unwrapDataKey(candidates: readonly WrappedDataKey[], context: EncryptionContext, signal: AbortSignal) {
    this.unwraps += 1;
    await this.#call(context, signal);
    const own = candidates.find(({ ciphertext }) => ciphertext.at(-1) === this.mark);
    if (own === undefined) throw new VaultError('KeyUnavailable', `none under ${this.keyId}`);
    return Buffer.from(own.ciphertext.subarray(0, -1));
  }

  async #call(context: EncryptionContext, signal: AbortSignal): Promise<void> {
    this.contexts.push(context);
    this.signals.push(signal);
    if (this.hangs) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    if (this.hangs) throw new VaultError('KeyTimeout', `${this.keyId} did not respond in time`);
    if (this.failure !== undefined) throw new VaultError(this.failure, `${this.keyId} fails`);
  }
}

const soon = () => deadlineIn(10_000).signal;

function fakes(options: Partial<MultiKeyOptions> = {}) {
  const [first, second, third] = [new FakeKey(1), new FakeKey(2), new FakeKey(3)];
  const key = createMultiKey({ first, others: [second, third], recovery: [], openWithOthers: true, ...options });
  return { first, second, third, key };
}

describe('a key of several keys', () => {
  test('has the name of its first key', () => {
    expect(fakes().key).toMatchObject({ providerId: 'fake', keyId: 'key-1' });
  });

  test('accepts eight keys and refuses nine', () => {
    const eight = {
      others: [new FakeKey(2), new FakeKey(3)],
      recovery: Array.from({ length: 5 }, () => new FakeKey(4)),
    };

    expect(() => fakes(eight)).not.toThrow();
    expect(() => fakes({ ...eight, recovery: [...eight.recovery, new FakeKey(5)] })).toThrowWithCode('Misconfigured');
  });
});

describe('sealing with several keys', () => {
  test('wraps the data key of the first one to each, in order, under the same context', async () => {
    const recovery = new FakeKey(9);
    const { first, second, third, key } = fakes({ recovery: [recovery] });

    const { plaintext, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());

    expect(wrapped.map(({ ciphertext }) => ciphertext.at(-1))).toEqual([1, 2, 3, 9]);
    expect(wrapped.map(({ ciphertext }) => Buffer.from(ciphertext.subarray(0, -1)))).toEqual(Array(4).fill(plaintext));
    expect([first, second, third, recovery].flatMap(({ contexts }) => contexts)).toEqual(Array(4).fill(CONTEXT));
    expect(plaintext).not.toEqual(Buffer.alloc(32));
  });

  test.each(['KeyUnavailable', 'KeyThrottled', 'KeyUnreachable', 'KeyTimeout', 'ContextMismatch'] as const)(
    'fails with %s of one key, and wipes the data key',
    async (code) => {
      const { first, second, key } = fakes();
      second.failure = code;

      await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode(code);

      expect(first.made).toEqual([Buffer.alloc(32)]);
    },
  );

  test('fails if a recovery key fails', async () => {
    const recovery = new FakeKey(9);
    recovery.failure = 'KeyUnavailable';
    const { first, key } = fakes({ recovery: [recovery] });

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(first.made).toEqual([Buffer.alloc(32)]);
  });

  test('wraps with the others at the same time, and waits for all before it fails', async () => {
    const release = Promise.withResolvers<undefined>();
    let ended = false;
    const slow: Wrapper = {
      wrapDataKey: async () => {
        await release.promise;
        ended = true;
        throw new VaultError('KeyThrottled', 'slow');
      },
    };
    const failing = new FakeKey(9);
    failing.failure = 'KeyUnavailable';
    const { second, key } = fakes({ recovery: [slow, failing] });

    const sealed = key.wrapNewDataKey(CONTEXT, soon());
    sealed.catch(() => undefined);
    await new Promise(setImmediate);
    expect([second.wraps, failing.contexts.length, ended]).toEqual([1, 1, false]);
    release.resolve(undefined);

    await expect(sealed).rejects.toThrowWithCode('KeyThrottled');
    expect(ended).toBe(true);
  });

  test('asks no other key if the first one makes no data key', async () => {
    const { first, second, key } = fakes();
    first.failure = 'KeyThrottled';

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyThrottled');
    expect(second.contexts).toEqual([]);
  });
});

describe('opening with several keys', () => {
  const sealed = async (options: Partial<MultiKeyOptions> = {}) => {
    const all = fakes(options);
    return { ...all, ...(await all.key.wrapNewDataKey(CONTEXT, soon())) };
  };

  test('asks the first key only, if it opens', async () => {
    const { second, key, plaintext, wrapped } = await sealed();

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
    expect(second.unwraps).toBe(0);
  });

  test.each(['KeyUnavailable', 'KeyThrottled', 'KeyUnreachable', 'KeyTimeout'] as const)(
    'asks the next key after %s',
    async (code) => {
      const { first, second, third, key, plaintext, wrapped } = await sealed();
      first.failure = code;

      expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
      expect([second.unwraps, third.unwraps]).toEqual([1, 0]);
    },
  );

  test('asks the last key if the two before fail', async () => {
    const { first, second, key, plaintext, wrapped } = await sealed();
    first.failure = 'KeyUnreachable';
    second.failure = 'KeyThrottled';

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
  });

  test.each(['ContextMismatch', 'MessageCorrupt', 'InternalError'] as const)(
    'asks no other key after %s',
    async (code) => {
      const { first, second, key, wrapped } = await sealed();
      first.failure = code;

      await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode(code);
      expect(second.unwraps).toBe(0);
    },
  );

  test('asks no third key after ContextMismatch of the second', async () => {
    const { first, second, third, key, wrapped } = await sealed();
    first.failure = 'KeyThrottled';
    second.failure = 'ContextMismatch';

    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode('ContextMismatch');
    expect(third.unwraps).toBe(0);
  });

  test('asks no other key unless the vault was told so', async () => {
    const { first, second, key, wrapped } = await sealed({ openWithOthers: false });
    first.failure = 'KeyUnavailable';

    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(second.unwraps).toBe(0);
  });

  test.each<[ErrorCode, ErrorCode, ErrorCode, ErrorCode]>([
    ['KeyUnavailable', 'KeyUnavailable', 'KeyUnavailable', 'KeyUnavailable'],
    ['KeyThrottled', 'KeyUnavailable', 'KeyUnreachable', 'KeyThrottled'],
    ['KeyUnavailable', 'KeyUnreachable', 'KeyThrottled', 'KeyUnreachable'],
  ])('after %s, %s and %s fails with %s', async (one, two, three, thrown) => {
    const { first, second, third, key, wrapped } = await sealed();
    [first.failure, second.failure, third.failure] = [one, two, three];

    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode(thrown);
  });

  test('opens a record that is older than the first key with another one', async () => {
    const { second, key } = fakes();
    const { plaintext, wrapped } = await second.wrapNewDataKey(CONTEXT, soon());

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
  });

  test('gives each key but the last at most half of the time left', async () => {
    const { first, second, third, key, wrapped } = await sealed();
    [first.failure, second.failure] = ['KeyThrottled', 'KeyThrottled'];
    const { signal } = deadlineIn(8_000);

    await key.unwrapDataKey(wrapped, CONTEXT, signal);

    const left = [first, second, third].map(({ signals }) => remainingMs(signals.at(-1)));
    expect(left[0]).toBeLessThanOrEqual(4_000);
    expect(left[1]).toBeLessThanOrEqual(4_000);
    expect(third.signals.at(-1)).toBe(signal);
  });

  test('opens with the next key while the first one does not respond', async () => {
    const { first, key, plaintext, wrapped } = await sealed();
    first.hangs = true;

    expect(await key.unwrapDataKey(wrapped, CONTEXT, deadlineIn(300).signal)).toEqual(plaintext);
  });

  test('asks no other key after the time is up', async () => {
    const { first, second, key, wrapped } = await sealed();
    first.hangs = true;
    const stop = new AbortController();

    const opened = key.unwrapDataKey(wrapped, CONTEXT, deadlineIn(10_000, stop.signal).signal);
    stop.abort();

    await expect(opened).rejects.toThrowWithCode('KeyTimeout');
    expect(second.unwraps).toBe(0);
  });
});
