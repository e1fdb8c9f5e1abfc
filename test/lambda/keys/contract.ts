import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KeyProvider } from '../../../lambda/keys/provider';
import type { EncryptionContext, WrappedDataKey } from '../../../lambda/message';
import { flipped } from '../../local/emulator/services/kms/support';

/** A backend's key, and functions that make the backend fail. */
export interface KeyProviderFixture {
  readonly key: KeyProvider;
  /** another key of the same backend */
  readonly other: KeyProvider;
  disable(): Promise<void>;
  scheduleDeletion(): Promise<void>;
  /** deletes the key permanently */
  destroy(): Promise<void>;
  rotate(): Promise<void>;
  /** makes every later call fail like this */
  fail(how: 'throttled' | 'failing' | 'dropping' | 'hanging' | 'gone'): Promise<void>;
  /** makes only the next call fail like this */
  failOnce(how: 'failing' | 'dropping'): void;
  remove(): Promise<void>;
}

const CONTEXT: EncryptionContext = new Map([
  ['environment', 'dev'],
  ['record', '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e'],
  ['field', 'delegated_share'],
  ['chain', 'EVM'],
  ['owner', 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'],
]);
const NAMES = [...CONTEXT.keys()];
const CALL_MS = 10_000;
const SHORT_MS = 150;

function only(wrapped: readonly WrappedDataKey[]): WrappedDataKey {
  const [first, ...more] = wrapped;
  if (first === undefined || more.length > 0) throw new Error(`expected one wrapped data key, got ${wrapped.length}`);
  return first;
}

/** The contract of every key provider. */
export function describeKeyProvider(name: string, start: () => Promise<KeyProviderFixture>): void {
  describe(`${name} as a key provider`, () => {
    let fixture: KeyProviderFixture;
    beforeEach(async () => {
      fixture = await start();
    });
    afterEach(() => fixture.remove());

    const wrap = async (key = fixture.key, ms = CALL_MS) => {
      const made = await key.wrapNewDataKey(CONTEXT, AbortSignal.timeout(ms));
      return { plaintext: made.plaintext, wrapped: only(made.wrapped) };
    };
    const unwrap = (candidates: readonly WrappedDataKey[], context = CONTEXT, ms = CALL_MS) =>
      fixture.key.unwrapDataKey(candidates, context, AbortSignal.timeout(ms));

    test('unwraps what it wrapped: 32 bytes, never the same, under its provider id', async () => {
      const one = await wrap();
      const two = await wrap();

      const opened = await unwrap([one.wrapped]);

      expect(opened).toEqual(one.plaintext);
      expect(opened).toHaveLength(32);
      expect(two.plaintext).not.toEqual(one.plaintext);
      expect(one.wrapped.providerId).toBe(fixture.key.providerId);
      expect(Buffer.from(one.wrapped.ciphertext).includes(one.plaintext)).toBe(false);
    });

    test('returns bytes in memory of their own', async () => {
      const { plaintext, wrapped } = await wrap();
      const opened = await unwrap([wrapped]);

      expect([plaintext, opened].map(({ buffer }) => buffer.byteLength)).toEqual([32, 32]);
    });

    test('accepts the context in any order', async () => {
      const { plaintext, wrapped } = await wrap();

      expect(await unwrap([wrapped], new Map([...CONTEXT].reverse()))).toEqual(plaintext);
    });

    test.each([
      ...NAMES.map((pair) => [`another ${pair}`, new Map([...CONTEXT, [pair, 'another']])] as const),
      ...NAMES.map((pair) => [`no ${pair}`, new Map([...CONTEXT].filter(([key]) => key !== pair))] as const),
      ['an extra pair', new Map([...CONTEXT, ['extra', '']])] as const,
      ['no pair at all', new Map<string, string>()] as const,
    ])('does not unwrap under a context with %s', async (_what, context) => {
      const { wrapped } = await wrap();

      await expect(unwrap([wrapped], context)).rejects.toThrowWithCode('ContextMismatch');
    });

    test.each(['first', 'middle', 'last'] as const)('does not unwrap with its %s byte changed', async (where) => {
      const { wrapped } = await wrap();
      const at = { first: 0, middle: wrapped.ciphertext.length >> 1, last: wrapped.ciphertext.length - 1 }[where];

      const changed = { ...wrapped, ciphertext: flipped(wrapped.ciphertext, at) };

      await expect(unwrap([changed])).rejects.toThrowWithCode('ContextMismatch');
    });

    test.each([0, 1, 6_145])('does not unwrap %i bytes that it never wrapped', async (length) => {
      const { wrapped } = await wrap();

      const emptied = { ...wrapped, ciphertext: Buffer.alloc(length) };

      await expect(unwrap([emptied])).rejects.toThrowWithCode('ContextMismatch');
    });

    test('finds its own wrapped data key among the candidates', async () => {
      const foreign = await wrap(fixture.other);
      const { plaintext, wrapped } = await wrap();

      expect(await unwrap([foreign.wrapped, wrapped])).toEqual(plaintext);
    });

    test.each<[string, (own: WrappedDataKey, foreign: WrappedDataKey) => readonly WrappedDataKey[]]>([
      ['no candidate', () => []],
      ["another key's", (_own, foreign) => [foreign]],
      ["another provider's", (own) => [{ ...own, providerId: 'raw-aes' }]],
      ['a key whose name only begins alike', (own) => [{ ...own, providerInfo: own.providerInfo.subarray(0, -1) }]],
      [
        'a key whose name goes on',
        (own) => [{ ...own, providerInfo: Buffer.concat([own.providerInfo, Buffer.from('0')]) }],
      ],
    ])('refuses %s', async (_what, candidates) => {
      const own = await wrap();
      const foreign = await wrap(fixture.other);

      const asked = unwrap(candidates(own.wrapped, foreign.wrapped));

      await expect(asked).rejects.toThrowWithCode('KeyUnavailable');
    });

    test("does not unwrap another key's under its own name", async () => {
      const own = await wrap();
      const foreign = await wrap(fixture.other);

      const renamed = { ...foreign.wrapped, providerInfo: own.wrapped.providerInfo };

      await expect(unwrap([renamed])).rejects.toThrowWithCode('ContextMismatch');
    });

    test('unwraps what it wrapped before it was rotated', async () => {
      const { plaintext, wrapped } = await wrap();
      await fixture.rotate();

      expect(await unwrap([wrapped])).toEqual(plaintext);
      expect((await wrap()).plaintext).toHaveLength(32);
    });

    test.each(['disable', 'scheduleDeletion', 'destroy'] as const)('is unavailable after %s', async (act) => {
      const { wrapped } = await wrap();
      await fixture[act]();

      await expect(unwrap([wrapped])).rejects.toThrowWithCode('KeyUnavailable');
      await expect(wrap()).rejects.toThrowWithCode('KeyUnavailable');
    });

    test.each([
      ['throttled', 'KeyThrottled'],
      ['failing', 'KeyUnreachable'],
      ['dropping', 'KeyUnreachable'],
      ['gone', 'KeyUnreachable'],
    ] as const)('throws the code of its state while the service is %s', async (how, code) => {
      const { wrapped } = await wrap();
      await fixture.fail(how);

      await expect(unwrap([wrapped])).rejects.toThrowWithCode(code);
      await expect(wrap()).rejects.toThrowWithCode(code);
    });

    test('fails when the time is up', async () => {
      const { wrapped } = await wrap();
      await fixture.fail('hanging');

      await expect(unwrap([wrapped], CONTEXT, SHORT_MS)).rejects.toThrowWithCode('KeyTimeout');
      await expect(wrap(fixture.key, SHORT_MS)).rejects.toThrowWithCode('KeyTimeout');
    });

    test('makes no call if the time was up before', async () => {
      const late = fixture.key.wrapNewDataKey(CONTEXT, AbortSignal.abort());

      await expect(late).rejects.toThrowWithCode('KeyTimeout');
    });

    test.each(['failing', 'dropping'] as const)('tries again by itself after one %s call', async (how) => {
      const { plaintext, wrapped } = await wrap();
      fixture.failOnce(how);

      expect(await unwrap([wrapped])).toEqual(plaintext);
    });
  });
}
