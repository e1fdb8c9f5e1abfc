import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { createShareKeys } from '../../../lambda/keys/share-keys';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { runtimeClient } from './support';

const CONTEXT = new Map([['environment', 'dev']]);
const soon = () => AbortSignal.timeout(10_000);

describe('a share key beside keys that only open', () => {
  let fixture = new KmsFixture();
  let arns: readonly string[] = [];
  beforeEach(async () => {
    fixture = await new KmsFixture().start();
    arns = [await fixture.createKey(), await fixture.createKey(), await fixture.createKey()];
  });
  afterEach(() => fixture.remove());

  const keyAt = (place: number) => createAwsKmsKey({ keyArn: arns[place] ?? '', client: runtimeClient(fixture) });
  const shareKeys = (...opening: readonly number[]) => createShareKeys(keyAt(0), opening.map(keyAt));

  test('is the share key itself if no other key opens', () => {
    const key = keyAt(0);

    expect(createShareKeys(key, [])).toBe(key);
  });

  test('has the name of the share key and wraps new data keys under it only', async () => {
    const key = shareKeys(1, 2);
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());

    expect([key.providerId, key.keyId]).toEqual(['aws-kms', arns[0]]);
    expect(wrapped.map(({ providerInfo }) => Buffer.from(providerInfo).toString())).toEqual([arns[0]]);
  });

  test.each([0, 1, 2])('opens what key %d of the list sealed, by one call to that key', async (place) => {
    const { wrapped, plaintext } = await keyAt(place).wrapNewDataKey(CONTEXT, soon());
    fixture.kms.calls.length = 0;

    expect(await shareKeys(1, 2).unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
    expect(fixture.kms.calls).toMatchObject([{ operation: 'Decrypt', keyId: arns[place], result: 'ok' }]);
  });

  test.each([
    ['the share key', 0, 0],
    ['a key that only opens', 2, 1],
  ])('reports what %s unwrapped as opened by a retiring key or not', async (_what, place, reports) => {
    const { wrapped } = await keyAt(place).wrapNewDataKey(CONTEXT, soon());
    let retiring = 0;
    // the share key stands in the list a second time, as with another identity
    const key = createShareKeys(keyAt(0), [keyAt(0), keyAt(2)], () => (retiring += 1));
    await key.unwrapDataKey(wrapped, CONTEXT, soon());
    await expect(key.unwrapDataKey(wrapped, new Map(), soon())).rejects.toThrowWithCode('ContextMismatch');

    expect(retiring).toBe(reports);
  });

  test('calls no key for a message of a key that is not in the list', async () => {
    const { wrapped } = await keyAt(2).wrapNewDataKey(CONTEXT, soon());
    fixture.kms.calls.length = 0;

    await expect(shareKeys(1).unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(fixture.kms.calls).toEqual([]);
  });

  test('calls no key for a message that adds a suffix to the name of a key in the list', async () => {
    const { wrapped } = await keyAt(1).wrapNewDataKey(CONTEXT, soon());
    const renamed = wrapped.map((each) => ({ ...each, providerInfo: Buffer.from(`${arns[1]}/1`) }));
    fixture.kms.calls.length = 0;

    await expect(shareKeys(1).unwrapDataKey(renamed, CONTEXT, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(fixture.kms.calls).toEqual([]);
  });

  test('opens a message of the share key with its second description, which may have another identity', async () => {
    const [wrapping, opening] = [keyAt(0), keyAt(0)];
    const { wrapped } = await wrapping.wrapNewDataKey(CONTEXT, soon());
    const refusing = { ...wrapping, unwrapDataKey: () => Promise.reject(new Error('the identity that seals')) };

    expect(await createShareKeys(refusing, [opening]).unwrapDataKey(wrapped, CONTEXT, soon())).toHaveLength(32);
  });
});
