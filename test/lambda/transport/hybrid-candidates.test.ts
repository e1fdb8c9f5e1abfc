import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { VaultError } from '../../../lambda/contract/errors';
import { readHybrid } from '../../../lambda/transport/hybrid';
import { material } from '../../support/run';
import { key, open, write } from './support/hybrid-key';
import { failingKey, LocalRsaKey } from './support/rsa-key';

const second = new LocalRsaKey();
const third = new LocalRsaKey();
const throttled = new VaultError('KeyThrottled', 'expected a response, got a request to slow down');
const disabled = new VaultError('KeyUnavailable', 'expected a key, got a disabled one');

beforeEach(() => {
  for (const each of [key, second, third]) each.forget();
});

describe('candidates', () => {
  test('are tried in their order until one opens', async () => {
    const secret = material(24);
    const envelope = write(secret, 16, (contentKey) => second.wrap(contentKey));

    expect(await open(envelope, key, second, third)).toEqual(secret);
    expect([key.calls, second.calls, third.calls]).toEqual([1, 1, 0]);
  });

  test('that all fail refuse the envelope', async () => {
    const envelope = write(material(24), 16, (contentKey) => new LocalRsaKey().wrap(contentKey));

    await expect(open(envelope, key, second, third)).rejects.toThrowWithCode('TransportRejected');
    expect([key.calls, second.calls, third.calls]).toEqual([1, 1, 1]);
  });

  test('are not tried after one that opened, even to another length', async () => {
    const envelope = write(material(24), 16, () => key.wrap(randomBytes(16)));

    await expect(open(envelope, key, second)).rejects.toThrowWithCode('TransportRejected');
    expect(second.calls).toBe(0);
  });

  test('are not tried after one whose service fails, and its error is thrown', async () => {
    const envelope = write(material(24), 16, (contentKey) => second.wrap(contentKey));

    await expect(open(envelope, failingKey(throttled), second)).rejects.toBe(throttled);
    expect(second.calls).toBe(0);
  });

  test('are tried after one that is unavailable', async () => {
    const secret = material(24);
    const envelope = write(secret, 16, (contentKey) => second.wrap(contentKey));

    expect(await open(envelope, failingKey(disabled), second)).toEqual(secret);
  });

  test.each([
    ['first', () => [failingKey(disabled), key]],
    ['last', () => [key, failingKey(disabled)]],
  ])('throw the error of the %s one if that is unavailable and no other opens', async (_which, candidates) => {
    const envelope = write(material(24), 16, (contentKey) => new LocalRsaKey().wrap(contentKey));

    await expect(open(envelope, ...candidates())).rejects.toBe(disabled);
  });

  test('throw the error of the service of the last one', async () => {
    const envelope = write(material(24), 16, (contentKey) => second.wrap(contentKey));

    await expect(open(envelope, key, failingKey(throttled))).rejects.toBe(throttled);
  });

  test.each([0, 4])('are refused if there are %d', async (count) => {
    const candidates = Array.from({ length: count }, () => key);

    expect(() => readHybrid(write(material(24)), candidates)).toThrowWithCode('InternalError');
    expect(key.calls).toBe(0);
  });
});
