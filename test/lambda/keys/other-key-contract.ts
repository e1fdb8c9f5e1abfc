import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { OtherKey } from '../../../lambda/keys/provider';
import type { EncryptionContext } from '../../../lambda/message';
import { type KeyProviderFixture, describeKeyProvider } from './contract';

export interface OtherKeyFixture extends KeyProviderFixture {
  readonly key: OtherKey;
  readonly other: OtherKey;
}

const CONTEXT: EncryptionContext = new Map([
  ['environment', 'dev'],
  ['field', 'delegated_share'],
]);
const CALL_MS = 10_000;
const SHORT_MS = 150;

/** The contract of every key outside the vault's own AWS KMS: as a key provider, and as a wrapper of others' data keys. */
export function describeOtherKey(name: string, start: () => Promise<OtherKeyFixture>): void {
  describeKeyProvider(name, start);

  describe(`${name} as a wrapper of data keys that another provider made`, () => {
    let fixture: OtherKeyFixture;
    let dataKey: Buffer;
    beforeEach(async () => {
      fixture = await start();
      dataKey = randomBytes(32);
    });
    afterEach(() => fixture.remove());

    const wrap = (ms = CALL_MS) => fixture.key.wrapDataKey(dataKey, CONTEXT, AbortSignal.timeout(ms));

    test('unwraps the data key that it wrapped', async () => {
      const wrapped = await wrap();

      expect(await fixture.key.unwrapDataKey([wrapped], CONTEXT, AbortSignal.timeout(CALL_MS))).toEqual(dataKey);
      expect(wrapped.providerId).toBe(fixture.key.providerId);
      expect(Buffer.from(wrapped.ciphertext).includes(dataKey)).toBe(false);
    });

    test('names the key as it does for a data key of its own', async () => {
      const own = await fixture.key.wrapNewDataKey(CONTEXT, AbortSignal.timeout(CALL_MS));

      expect(own.wrapped.map(({ providerInfo }) => providerInfo)).toEqual([(await wrap()).providerInfo]);
    });

    test('leaves the data key to its caller, unchanged', async () => {
      const before = Buffer.from(dataKey);
      await wrap();

      expect(dataKey).toEqual(before);
    });

    test('leaves the data key unchanged when it fails', async () => {
      const before = Buffer.from(dataKey);
      await fixture.fail('failing');

      await expect(wrap()).rejects.toThrowWithCode('KeyUnreachable');
      expect(dataKey).toEqual(before);
    });

    test('wraps the same data key to another ciphertext each time', async () => {
      const [one, two] = [await wrap(), await wrap()];

      expect(one.ciphertext).not.toEqual(two.ciphertext);
    });

    test('binds the data key to its context', async () => {
      const wrapped = await wrap();
      const asked = fixture.key.unwrapDataKey(
        [wrapped],
        new Map([['environment', 'dev']]),
        AbortSignal.timeout(CALL_MS),
      );

      await expect(asked).rejects.toThrowWithCode('ContextMismatch');
    });

    test.each(['disable', 'destroy'] as const)('wraps nothing after %s', async (act) => {
      await fixture[act]();

      await expect(wrap()).rejects.toThrowWithCode('KeyUnavailable');
    });

    test.each([
      ['throttled', 'KeyThrottled'],
      ['dropping', 'KeyUnreachable'],
      ['gone', 'KeyUnreachable'],
    ] as const)('throws the code of its state while the service is %s', async (how, code) => {
      await fixture.fail(how);

      await expect(wrap()).rejects.toThrowWithCode(code);
    });

    test('fails when the time is up', async () => {
      await fixture.fail('hanging');

      await expect(wrap(SHORT_MS)).rejects.toThrowWithCode('KeyTimeout');
    });
  });
}
